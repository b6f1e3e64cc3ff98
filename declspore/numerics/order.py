"""The order of elements of any type, as ops that sort or choose need it."""

from __future__ import annotations

from declspore.ir.dtype import BOOL, DType
from declspore.ir.tensors import Ops, Tensor


def rising(ops: Ops, x: Tensor, dtype: DType) -> Tensor:
    """Values in the same order as ``x``, of a type that every backend orders."""
    return ops.cast(x, "int32") if dtype == BOOL else x


def falling(ops: Ops, x: Tensor, dtype: DType) -> Tensor:
    """What rises where ``x`` falls, for every number that the type has: the least integer has
    no negative, and unsigned ones have none at all."""
    x = rising(ops, x, dtype)
    return ops.bitwise_not(x) if dtype.is_integer else ops.negative(x)


def first_nan(ops: Ops, x: Tensor, dtype: DType, axis: int, places: Tensor) -> Tensor:
    """The places, or that of the first NaN along an axis that has one; all with the axis at size
    1."""
    if not dtype.is_float:
        return places
    missing = ops.isnan(x)
    where = place_of(ops, "argmax", ops.cast(missing, "int32"), axis)
    any_missing = ops.any(missing, axis=axis, keepdims=True)
    return ops.where(any_missing, ops.cast(where, "int32"), ops.cast(places, "int32"))


def chosen(ops: Ops, function: str, x: Tensor, dtype: DType, axis: int) -> Tensor:
    """Where the extreme of an axis is (``argmax``, ``argmin``), with the axis at size 1. Of equal
    elements the first; Keras takes -0 for less than 0."""
    x = rising(ops, x, dtype)
    if dtype.is_float:
        x = ops.where(ops.equal(x, 0.0), ops.zeros_like(x), x)
    return place_of(ops, function, x, axis)


def place_of(ops: Ops, function: str, x: Tensor, axis: int) -> Tensor:
    """``argmax`` or ``argmin`` along an axis, which stays with size 1: Keras before 3.13 takes the
    shape for that of ``x`` where ``keepdims`` asks for it."""
    return ops.expand_dims(getattr(ops, function)(x, axis=axis), axis)
