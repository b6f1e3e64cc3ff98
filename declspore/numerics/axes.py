"""Axes of tensors, as arguments name them."""

from __future__ import annotations

from typing import Any

from declspore.ir.dtype import INT32, INT64
from declspore.ir.shape import TensorType
from declspore.ir.tensors import Operand, Ops, Tensor
from declspore.registry.kind import Misfit
from declspore.registry.types import Either, Integer, ListOf, Optional

AXES = Optional(Either((Integer(), ListOf(Integer()))))
"""One axis, a list of them, or none for all."""


def type_of(value: Any) -> TensorType:
    """The type of a tensor argument, which shape rules see as type and lowerings as value."""
    found: TensorType = value if isinstance(value, TensorType) else value.type
    return found


def axis_of(value: object, axis: int, extra: int = 0) -> int:
    """An axis counted from the front; ``extra`` axes are about to be added. Raises Misfit."""
    rank = type_of(value).rank + extra
    if not -rank <= axis < rank:
        raise Misfit(f"{type_of(value)} has no axis {axis}")
    return axis % rank


def axes_of(value: object, given: object) -> tuple[int, ...]:
    """Axes counted from the front, in order, each once; all where ``given`` is None."""
    if given is None:
        return tuple(range(type_of(value).rank))
    listed = given if isinstance(given, tuple) else (given,)
    found = sorted(axis_of(value, axis) for axis in listed)
    if len(set(found)) < len(found):
        raise Misfit(f"axes {list(listed)} name one axis twice")
    return tuple(found)


def places_of(value: object) -> TensorType:
    """The type of a tensor of indices of elements. Raises Misfit where it cannot."""
    found = type_of(value)
    if found.dtype not in (INT32, INT64):
        raise Misfit(f"indices are i32 or i64, found {found}", "cast(..., i32)")
    return found


def from_front(ops: Ops, indices: Tensor, size: Operand) -> Tensor:
    """Indices of an axis of that size, those below 0 counted from its end."""
    return ops.where(indices < 0, indices + size, indices)


def named_axes(x: TensorType, indices: TensorType) -> int:
    """How many axes of a tensor, from the first on, the last axis of ``indices`` names. Raises
    Misfit."""
    depth = indices.shape[-1] if indices.rank else None
    if not isinstance(depth, int) or depth > x.rank:
        raise Misfit(f"the last axis of {indices} must name up to {x.rank} axes of {x}")
    return depth


def updated(x: TensorType, indices: TensorType, updates: TensorType) -> TensorType:
    """The type of a tensor with ``updates`` where ``indices`` say. Raises Misfit."""
    wanted = (*indices.shape[:-1], *x.shape[named_axes(x, indices) :])
    if updates != x.with_shape(wanted):
        raise Misfit(f"updates must be {x.with_shape(wanted)}, found {updates}")
    return x


def reduced(x: TensorType, axes: tuple[int, ...], keep: bool) -> TensorType:
    """The type of a tensor without some axes, or with size 1 there."""
    kept = (1 if n in axes else dim for n, dim in enumerate(x.shape) if keep or n not in axes)
    return x.with_shape(tuple(kept))
