"""Formulas to arrays: ops are lowered with NumPy in the place of Keras."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import numpy as np

from declspore.ir.formula import Applied, EntryValue, Formula, PartOf, wide
from declspore.ir.shape import Shape, TensorType
from declspore.ir.term import Arguments
from declspore.registry.kind import Misfit
from declspore.registry.op import OpKind
from declspore.registry.table import vocabulary
from declspore.registry.tensor import TensorKind
from declspore.tasks.edit.array_ops import keras_of, widened
from declspore.tasks.edit.casting import Losses

Read = Callable[[EntryValue], Any]
"""The array of an entry; it is not written to."""


def compute(formula: Formula, read: Read, losses: Losses | None = None) -> Any:
    """The value of a formula, in its element type, each element rounded once.

    Raises :class:`declspore.tasks.edit.casting.Unfit` where values do not fit that type, and
    :class:`declspore.registry.kind.Misfit` where values do not fit what is done with them.
    """
    account = Losses() if losses is None else losses
    found = _Computation(read, account).value(formula)
    return account.cast(found, formula.type.dtype)


@dataclass(frozen=True, slots=True)
class ArrayValue:
    """An array with its type."""

    type: TensorType
    array: Any


class _Computation:
    def __init__(self, read: Read, losses: Losses) -> None:
        self._read = read
        self._keras = keras_of(losses)
        self._parts: dict[int, tuple[Applied, tuple[Any, ...]]] = {}

    def value(self, formula: Formula) -> Any:
        match formula:
            case EntryValue():
                return self._read(formula)
            case PartOf(whole, index):
                return self._whole(whole)[index]
            case Applied():
                return self._applied(formula)[0]

    def _whole(self, formula: Applied) -> tuple[Any, ...]:
        """All results of a word; computed once for formulas that take several of them."""
        if id(formula) not in self._parts:
            self._parts[id(formula)] = formula, self._applied(formula)
        return self._parts[id(formula)][1]

    def _applied(self, formula: Applied) -> tuple[Any, ...]:
        try:
            return self._made(formula)
        except (ArithmeticError, IndexError, TypeError, ValueError) as error:
            # what NumPy says of values: a place that is not there, a type that has no such function
            raise Misfit(f"{formula.word}: {error}") from error

    def _made(self, formula: Applied) -> tuple[Any, ...]:
        if formula.family == "tensor":
            arguments = self._over(formula.arguments, self.value)
            kind = vocabulary().of(TensorKind, formula.word)
            found = kind.compute(np, arguments)
            return found if isinstance(found, tuple) else (found,)
        op = vocabulary().of(OpKind, formula.word)
        given = self._over(
            formula.arguments, lambda inner: ArrayValue(inner.type, self.value(inner))
        )
        result = op.lower(ArrayBuilder(formula.types, self._keras), given)
        values = result if isinstance(result, tuple) else (result,)
        return tuple(value.array for value in values)

    def _over(self, arguments: Arguments, replace: Callable[[Formula], Any]) -> Arguments:
        def convert(value: Any) -> Any:
            if isinstance(value, EntryValue | Applied | PartOf):
                return replace(value)
            if isinstance(value, tuple):
                return tuple(convert(item) for item in value)
            return value

        return Arguments({name: convert(value) for name, value in arguments.items()})


class ArrayBuilder:
    """What :class:`declspore.registry.builder.Builder` promises to ops, over arrays.

    Arrays always lie in the order the spec speaks of.
    """

    def __init__(self, types: Sequence[TensorType], keras: SimpleNamespace) -> None:
        self._types = types
        self.keras = keras

    @property
    def output_type(self) -> TensorType:
        return self._types[0]

    def plain(self, value: ArrayValue) -> Any:
        return value.array

    def channels_last(self, value: ArrayValue) -> Any:
        return np.moveaxis(value.array, 1, -1)

    def from_channels_last(self, array: Any) -> ArrayValue:
        return self.from_plain(np.moveaxis(array, -1, 1))

    def from_plain(self, array: Any) -> ArrayValue:
        return self._result(0, array)

    def results(self, *arrays: Any) -> tuple[ArrayValue, ...]:
        return tuple(self._result(index, array) for index, array in enumerate(arrays))

    def reshape(self, array: Any, type: TensorType, shape: Shape) -> Any:
        return np.reshape(array, shape)

    def broadcast_to(self, array: Any, type: TensorType, shape: Shape) -> Any:
        return np.broadcast_to(array, shape)  # type: ignore[arg-type]

    def flatten(self, value: ArrayValue) -> ArrayValue:
        return self.from_plain(np.reshape(value.array, self.output_type.shape))

    def axes(self, value: ArrayValue, axes: Sequence[int]) -> tuple[Any, tuple[int, ...]]:
        return value.array, tuple(axis % value.type.rank for axis in axes)

    def elementwise(self, apply: Callable[..., Any], *operands: Any) -> ArrayValue:
        arrays = (widened(o.array) if isinstance(o, ArrayValue) else o for o in operands)
        return self.from_plain(apply(*arrays))

    def _result(self, index: int, array: Any) -> ArrayValue:
        """The result in its own or its wide element type."""
        type = self._types[index]
        found = np.asarray(array)
        if found.dtype not in (type.dtype.as_numpy(), wide(type.dtype).as_numpy()):
            found = found.astype(wide(type.dtype).as_numpy())
        if found.shape != type.shape:
            raise AssertionError(f"{found.shape} where the shape rule gave {type}")
        return ArrayValue(type, found)
