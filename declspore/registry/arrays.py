"""What an op's array form may use: NumPy, and arithmetic with the same results on every machine.

Values of edits are computed with NumPy, since edits run without Keras, and their digests are
recorded: an op's array form therefore gives the same bits everywhere. Elements that only move keep
their element type; arithmetic is done in :func:`declspore.ir.formula.wide` types.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol, TypeAlias, overload

from declspore.ir.dtype import DType
from declspore.ir.shape import TensorType
from declspore.ir.tensors import Array, Ops
from declspore.ir.term import Arguments


class TypedArray(Protocol):
    """A tensor of an edit: an array with the type its shape rule gave. The array may be of that
    element type or of the wide one."""

    @property
    def type(self) -> TensorType: ...

    @property
    def array(self) -> Array: ...


class Arrays(Protocol):
    """The first argument of an op's ``compute``; tensors in the others are :class:`TypedArray`."""

    @property
    def np(self) -> Ops:
        """The ``numpy`` module, handed in so that planning does not load it."""

    @property
    def type(self) -> TensorType:
        """The type of the (first) result, as the shape rule gave it."""

    @overload
    def wide(self, value: TypedArray | Array) -> Array: ...

    @overload
    def wide(self, value: float) -> float: ...

    def wide(self, value: TypedArray | Array | float) -> Array | float:
        """The array of a tensor, half precision as float32; a number as it is."""

    def cast(self, array: Array | float, dtype: DType) -> Array:
        """An array in another element type; what that rounds is reported to the user. Raises where
        a value does not fit."""

    def precise(self, function: Callable[..., object], *arrays: Array | float) -> Array:
        """A function of NumPy whose last bits differ between machines, computed in float64 and
        rounded to the widest float type of its operands, at least float32."""

    def sum(self, array: Array, axes: tuple[int, ...], keepdims: bool = False) -> Array:
        """The sum over axes, added in a fixed order, in the array's type."""

    def mean(self, array: Array, axes: tuple[int, ...], keepdims: bool = False) -> Array:
        """The mean over axes; of integers as float32."""

    def matmul(self, left: Array, right: Array) -> Array:
        """The product of matrices; no order of additions changes it."""


Compute: TypeAlias = "Callable[[Arrays, Arguments], Array | list[Array]]"
"""``compute(arrays, arguments)``: the result as an array, or a list of them for several."""
