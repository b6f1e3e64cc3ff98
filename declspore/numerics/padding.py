"""Elements put around tensors: what cells and ops that pad share.

A negative size takes elements away, as in MindSpore.
"""

from __future__ import annotations

from declspore.ir.dtype import DType
from declspore.ir.shape import Shape
from declspore.ir.tensors import Ops, T
from declspore.registry.kind import Misfit

Sides = tuple[tuple[int, int], ...]
"""Before and after each axis."""


def padded_shape(shape: Shape, sides: Sides) -> Shape:
    """Raises Misfit where nothing is left of an axis."""
    for size, side in zip(shape, sides, strict=True):
        taken = -sum(min(count, 0) for count in side)
        if isinstance(size, int) and taken and taken >= size:
            raise Misfit(f"of an axis of {size} nothing is left where {taken} are taken away")
    return tuple(size + sum(side) for size, side in zip(shape, sides, strict=True))


def check_mirrored(shape: Shape, sides: Sides, whole: bool = False) -> None:
    """Raises Misfit where an axis is shorter than what is mirrored of it; ``whole`` with the
    outermost element."""
    for size, side in zip(shape, sides, strict=True):
        if not isinstance(size, int):
            continue
        left = size + sum(min(count, 0) for count in side)
        if max(side) > left - (not whole):
            raise Misfit(f"an axis of {size} cannot be mirrored by {max(side)}")


def cut(x: T, sides: Sides) -> tuple[T, Sides]:
    """The tensor without what negative sizes take away, and the sizes that are left."""
    if any(count < 0 for side in sides for count in side):
        x = x[tuple(slice(max(-first, 0), min(last, 0) or None) for first, last in sides)]
    return x, tuple((max(first, 0), max(last, 0)) for first, last in sides)


def filling(dtype: DType, value: float) -> float | int | bool:
    """What stands for a number in a tensor of that element type."""
    if dtype.is_float:
        return value
    return int(value) if dtype.is_integer else bool(value)


def replicated(ops: Ops, x: T, sides: Sides) -> T:
    """The outermost elements repeated, which Keras cannot do on every backend."""
    for axis, (before, after) in enumerate(sides):
        ends = [_along(axis, part) for part in (slice(0, 1), slice(-1, None))]
        parts = [x[ends[0]]] * before + [x] + [x[ends[1]]] * after
        x = ops.concatenate(parts, axis=axis) if len(parts) > 1 else x
    return x


def circled(ops: Ops, x: T, sides: Sides) -> T:
    """The elements of the other end, as if each axis were a ring."""
    for axis, (before, after) in enumerate(sides):
        parts = [x]
        if before:
            parts.insert(0, x[_along(axis, slice(-before, None))])
        if after:
            parts.append(x[_along(axis, slice(0, after))])
        x = ops.concatenate(parts, axis=axis) if len(parts) > 1 else x
    return x


def _along(axis: int, part: slice) -> tuple[slice, ...]:
    return (*(slice(None),) * axis, part)
