"""A checked network: a parameter table and a flat list of nodes, ready to be compiled."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from functools import cached_property
from typing import Literal

from declspore.dataclass import dataclass
from declspore.ir.dtype import DType
from declspore.ir.shape import TensorType
from declspore.ir.term import Arguments, Term
from declspore.source import Span


@dataclass(frozen=True)
class ParameterSpec:
    """A named tensor of a network, in MindSpore's layout.

    ``name`` is the path MindSpore saves it under; ``init`` the initializer it starts from;
    ``trainable`` whether an optimizer may update it.
    """

    name: str
    shape: tuple[int, ...]
    dtype: DType
    init: Term
    trainable: bool = True
    span: Span | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class ValueRef:
    """A value of the network: an index into :attr:`Network.types`."""

    index: int


@dataclass(frozen=True, slots=True)
class Input:
    name: str
    type: TensorType


NodeFamily = Literal["cell", "op", "tensor", "loss"]
"""What a node uses: a cell, an op, a tensor made of numbers, or, within a loss, a loss."""


@dataclass(frozen=True)
class Node:
    """One use of a word of a ``family``; ``word`` is its name in the registry.

    A cell node has the ``path`` of the cell it uses and takes ``inputs``, the last of which are
    ``named``, and the ``options`` of the call; an op finds its tensors among its ``arguments``, as
    :class:`ValueRef`.
    ``block`` is the path of the block whose ``construct`` it is in.
    """

    family: NodeFamily
    word: str
    arguments: Arguments
    inputs: tuple[ValueRef, ...]
    outputs: tuple[ValueRef, ...]
    path: str = ""
    named: tuple[str, ...] = ()
    options: Arguments = field(default_factory=Arguments)
    block: str = ""
    span: Span | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True)
class Network:
    """A network with all its arguments known.

    ``nodes`` are in an order in which each finds its inputs; ``types`` holds the type of every
    value; the inputs are the first values.
    """

    name: str
    arguments: Mapping[str, object]
    inputs: tuple[Input, ...]
    nodes: tuple[Node, ...]
    outputs: tuple[ValueRef, ...]
    types: tuple[TensorType, ...]
    parameters: tuple[ParameterSpec, ...]

    def type_of(self, value: ValueRef) -> TensorType:
        return self.types[value.index]

    @cached_property
    def shapes(self) -> dict[str, tuple[int, ...]]:
        """The shape of every parameter by name."""
        return {parameter.name: parameter.shape for parameter in self.parameters}

    @cached_property
    def uses(self) -> dict[str, int]:
        """How often each cell is called, by path."""
        counts: dict[str, int] = {}
        for node in self.nodes:
            if node.family == "cell":
                counts[node.path] = counts.get(node.path, 0) + 1
        return counts

    @property
    def trainable(self) -> tuple[ParameterSpec, ...]:
        return tuple(parameter for parameter in self.parameters if parameter.trainable)
