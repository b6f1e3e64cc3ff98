"""Formulas to arrays: each word by its array form, with NumPy."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import prod
from typing import assert_never, overload

import numpy as np

from declspore.dataclass import dataclass
from declspore.ir.dtype import DType
from declspore.ir.formula import Applied, EntryValue, Formula, PartOf, map_formulas, uses, wide
from declspore.ir.shape import TensorType
from declspore.ir.tensors import Array
from declspore.numerics import exact
from declspore.numerics.casting import Losses
from declspore.registry.arrays import TypedArray
from declspore.registry.kind import Misfit
from declspore.registry.op import OpKind
from declspore.registry.table import vocabulary
from declspore.registry.tensor import TensorKind

_HALVES = ("float16", "bfloat16", "float8_e4m3fn", "float8_e5m2")

Read = Callable[[EntryValue], Array]
"""The array of an entry; it is not written to."""


def compute(formula: Formula, read: Read, losses: Losses | None = None) -> Array:
    """The value of a formula, in its element type, each element rounded once.

    Raises :class:`declspore.numerics.casting.Unfit` where values do not fit that type, and
    :class:`declspore.registry.kind.Misfit` where values do not fit what is done with them.
    """
    account = Losses() if losses is None else losses
    found = _Computation(_Reader(read, formula), account).value(formula)
    return account.cast(found, formula.type.dtype)


@dataclass(frozen=True, slots=True)
class ArrayValue:
    """An array with its type."""

    type: TensorType
    array: Array


class _Reader:
    """Reads an entry once, and keeps one that a formula names several times until its last use."""

    def __init__(self, read: Read, formula: Formula) -> None:
        self._read = read
        self._left = uses(formula)
        self._kept: dict[EntryValue, Array] = {}

    def __call__(self, value: EntryValue) -> Array:
        self._left[value] -= 1
        found = self._kept.pop(value) if value in self._kept else self._read(value)
        if self._left[value] > 0:
            self._kept[value] = found
        return found


class _Computation:
    def __init__(self, read: Read, losses: Losses) -> None:
        self._read = read
        self._losses = losses
        self._parts: dict[int, tuple[Applied, tuple[Array, ...]]] = {}

    def value(self, formula: Formula) -> Array:
        match formula:
            case EntryValue():
                return self._read(formula)
            case PartOf(whole, index):
                return self._whole(whole)[index]
            case Applied():
                return self._applied(formula)[0]
            case _:
                assert_never(formula)

    def _whole(self, formula: Applied) -> tuple[Array, ...]:
        """All results of a word; computed once for formulas that take several of them."""
        if id(formula) not in self._parts:
            self._parts[id(formula)] = formula, self._applied(formula)
        return self._parts[id(formula)][1]

    def _applied(self, formula: Applied) -> tuple[Array, ...]:
        try:
            with np.errstate(all="ignore"):  # infinity and NaN are values
                return self._made(formula)
        except MemoryError:
            raise Misfit(f"{formula.word}: its values do not fit into memory") from None
        except (ArithmeticError, IndexError, TypeError, ValueError) as error:
            # what NumPy says of values: a place that is not there, a type that has no such function
            raise Misfit(f"{formula.word}: {error}") from error

    def _made(self, formula: Applied) -> tuple[Array, ...]:
        if formula.family == "tensor":
            arguments = map_formulas(formula.arguments, self.value)
            kind = vocabulary().of(TensorKind, formula.word)
            found = kind.compute(np, arguments)
            return found if isinstance(found, tuple) else (found,)
        op = vocabulary().of(OpKind, formula.word)
        assert op.compute is not None
        given = map_formulas(
            formula.arguments, lambda inner: ArrayValue(inner.type, self.value(inner))
        )
        arrays = _Arrays(formula.types, self._losses)
        result = op.compute(arrays, given)
        results = result if isinstance(result, list) else [result]
        return tuple(arrays.typed(index, array) for index, array in enumerate(results))


class _Arrays:
    """Offers :class:`declspore.registry.arrays.Arrays` to one use of an op."""

    np = np

    def __init__(self, types: Sequence[TensorType], losses: Losses) -> None:
        self._types = types
        self._losses = losses

    @property
    def type(self) -> TensorType:
        return self._types[0]

    @overload
    def wide(self, value: TypedArray | Array) -> Array: ...

    @overload
    def wide(self, value: float) -> float: ...

    def wide(self, value: TypedArray | Array | float) -> Array | float:
        plain = value if isinstance(value, int | float | np.ndarray) else value.array
        if isinstance(plain, np.ndarray | np.generic) and plain.dtype.name in _HALVES:
            return plain.astype(np.float32)
        return plain

    def cast(self, array: Array | float, dtype: DType) -> Array:
        return self._losses.cast(array, dtype)

    def precise(self, function: Callable[..., object], *arrays: Array | float) -> Array:
        floats = [x.dtype for x in arrays if isinstance(x, np.ndarray | np.generic)]
        result = np.result_type(np.float32, *(dtype for dtype in floats if dtype.kind == "f"))
        found = np.empty(np.broadcast_shapes(*(np.shape(x) for x in arrays)), result)
        # NumPy converts a buffer at a time, so that no whole array is held in float64
        function(*arrays, out=found, dtype=np.float64, casting="same_kind")
        return found

    def sum(self, array: Array, axes: tuple[int, ...], keepdims: bool = False) -> Array:
        found = exact.total(array, axes, keepdims)
        return found.astype(array.dtype) if array.dtype.kind == "f" else found

    def mean(self, array: Array, axes: tuple[int, ...], keepdims: bool = False) -> Array:
        count = prod(array.shape[axis] for axis in axes)
        found = exact.total(array, axes, keepdims) / float(count)
        return found.astype(array.dtype if array.dtype.kind == "f" else np.float32)

    def matmul(self, left: Array, right: Array) -> Array:
        return exact.matmul(left, right)

    def typed(self, index: int, array: Array) -> Array:
        """A result in its own or its wide element type."""
        type = self._types[index]
        found = np.asarray(array)
        if found.dtype not in (type.dtype.as_numpy(), wide(type.dtype).as_numpy()):
            found = found.astype(wide(type.dtype).as_numpy())
        if found.shape != type.shape:
            raise AssertionError(f"{found.shape} where the shape rule gave {type}")
        return found
