"""Tensors as they flow through ``construct``."""

from __future__ import annotations

from collections.abc import Callable

from declspore.dataclass import dataclass
from declspore.ir.network import ValueRef
from declspore.ir.shape import TensorType
from declspore.ir.term import Arguments
from declspore.ir.value import TensorLike
from declspore.language.values import Value
from declspore.source import Span


@dataclass(frozen=True, slots=True)
class TensorValue(TensorLike):
    """A tensor of a network; ``origin`` is the expression it came from."""

    ref: ValueRef
    type: TensorType
    origin: Span

    @property
    def described(self) -> str:
        return f"a tensor {self.type}"

    def __str__(self) -> str:
        return str(self.type)


def tensors(arguments: Arguments) -> list[TensorValue]:
    """The tensors among arguments."""
    return [leaf for leaf in arguments.leaves() if isinstance(leaf, TensorValue)]


def with_tensors(arguments: Arguments, replace: Callable[[TensorValue], Value]) -> Arguments:
    """The arguments with every tensor replaced."""
    return arguments.map(lambda leaf: replace(leaf) if isinstance(leaf, TensorValue) else leaf)
