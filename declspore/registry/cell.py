"""Cells: what a network is made of. A leaf cell owns parameters and becomes Keras layers."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import cached_property
from typing import ClassVar, Literal

from declspore.dataclass import dataclass
from declspore.ir.dtype import FLOAT32, DType
from declspore.ir.shape import TensorType
from declspore.ir.term import Arguments, Term
from declspore.ir.value import CellLike
from declspore.registry.beyond import BeyondKeras
from declspore.registry.builder import Value
from declspore.registry.kind import Kind
from declspore.registry.multiply_adds import MultiplyAdds
from declspore.registry.signature import Argument
from declspore.source import Span


@dataclass(frozen=True, slots=True)
class OwnParameter:
    """A parameter of a cell, named within it, in MindSpore's layout."""

    name: str
    shape: tuple[int, ...]
    init: Term
    trainable: bool = True
    dtype: DType = FLOAT32


CallOp = Callable[..., object]
"""``(word, *arguments, **named)`` to a tensor: an op, called."""
AsOps = Callable[..., object]
"""``(op, arguments, owned, *inputs)`` to a tensor: a cell as a call of ops, on its parameters
``owned``; ``op`` is a :data:`CallOp`."""


def no_parameters(arguments: Arguments) -> tuple[OwnParameter, ...]:
    return ()


def no_parts(arguments: Arguments) -> Mapping[str, Term]:
    return {}


@dataclass(frozen=True, kw_only=True)
class CellKind(Kind):
    """A leaf cell.

    ``parameters(arguments)`` lists its parameters in MindSpore's order. ``infer(arguments,
    *types)`` gives the type of the result, or raises :class:`declspore.registry.kind.Misfit`.
    ``lower(builder, arguments, *values)`` makes the layers and gives the result. ``complete``
    checks arguments against each other and fills in what MindSpore derives. ``inputs`` names
    what a call takes; what is ``optional``, in MindSpore's order, is a tensor where it is a name,
    and reaches ``infer`` and ``lower`` by name where it is given; plain values, which are
    arguments, always do. ``multiply_adds(arguments, inputs, outputs)`` counts those of a call from
    types. ``draws`` is whether it draws random numbers in eval, too. ``parts(arguments)`` are
    the cells that it is made of, by their names in it. ``pair`` names two states that MindSpore's
    callers give and get as one tuple. With ``as_ops`` a cell of Python may share its parameters
    with others. ``loops_over(arguments)`` is the axis of its input over which it runs step by step.
    ``beyond_keras`` is as for ops.
    """

    family: ClassVar[Literal["cell"]] = "cell"
    title: ClassVar[str] = "Cells"
    room: ClassVar[str] = "cells"
    rank: ClassVar[int] = 10

    infer: Callable[..., TensorType | tuple[TensorType, ...]]
    lower: Callable[..., Value | tuple[Value, ...]]
    parameters: Callable[[Arguments], tuple[OwnParameter, ...]] = no_parameters
    complete: Callable[[Arguments], Arguments] | None = None
    inputs: tuple[str, ...] = ("x",)
    optional: tuple[str | Argument, ...] = ()
    multiply_adds: MultiplyAdds | None = None
    draws: bool = False
    parts: Callable[[Arguments], Mapping[str, Term]] = no_parts
    pair: tuple[str, str] | None = None
    as_ops: AsOps | None = None
    loops_over: Callable[[Arguments], int] | None = None
    beyond_keras: BeyondKeras | None = None

    @cached_property
    def optional_inputs(self) -> tuple[str, ...]:
        """The tensors a call may have in addition."""
        return tuple(item for item in self.optional if isinstance(item, str))

    @cached_property
    def options(self) -> tuple[Argument, ...]:
        """The plain values a call may have."""
        return tuple(item for item in self.optional if isinstance(item, Argument))

    @cached_property
    def usual(self) -> Arguments:
        """The options of a call that gives none."""
        return Arguments({option.name: option.canonical for option in self.options})

    @cached_property
    def taken(self) -> tuple[str, ...]:
        """The names of all that a call may give, in order."""
        beside = (item if isinstance(item, str) else item.name for item in self.optional)
        return (*self.inputs, *beside)

    def entries(self, arguments: Arguments) -> Iterator[tuple[str, str]]:
        for own in self.parameters(arguments):
            yield own.name, f"{own.dtype.short}{list(own.shape)}"

    def notes(self) -> Iterator[str]:
        if self.inputs not in ((), ("x",)):
            yield f"Called with {', '.join(self.inputs)}."
        if self.optional:
            yield f"May be called with {', '.join(map(str, self.optional))}, too."
        for option in self.options:
            yield f"{option.name}: {option.help}."


class CellOfWord(CellLike):
    """A cell of the vocabulary with its arguments; ``span`` is where it is made."""

    __slots__ = ()

    kind: CellKind
    arguments: Arguments
    span: Span
