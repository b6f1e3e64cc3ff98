"""Tensors as they flow through ``construct``."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

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


def tensors(values: Iterable[Value]) -> Iterator[TensorValue]:
    """The tensors among values and the lists within them."""
    for value in values:
        if isinstance(value, TensorValue):
            yield value
        elif isinstance(value, tuple):
            yield from tensors(value)


def with_tensors(arguments: Arguments, replace: Callable[[TensorValue], Value]) -> Arguments:
    """The arguments with every tensor replaced, within lists too."""

    def convert(value: Value) -> Value:
        if isinstance(value, TensorValue):
            return replace(value)
        return tuple(convert(item) for item in value) if isinstance(value, tuple) else value

    return arguments.each(convert)
