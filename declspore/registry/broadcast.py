"""Broadcasting: the shape of an elementwise result of several operands."""

from __future__ import annotations

from itertools import zip_longest
from typing import Any

from declspore.ir.dtype import FLOAT32, DType
from declspore.ir.shape import Dim, Shape, TensorType, show_shape
from declspore.registry.kind import Misfit


def broadcast(left: Shape, right: Shape) -> Shape:
    """NumPy's rule: axes align at the end; equal, or one of them 1. Raises Misfit."""
    dims: list[Dim] = []
    for one, other in zip_longest(reversed(left), reversed(right), fillvalue=1):
        if one != other and 1 not in (one, other):
            raise Misfit(
                f"{show_shape(left)} and {show_shape(right)} do not fit together: "
                f"{one} against {other}"
            )
        dims.append(other if one == 1 else one)
    return tuple(reversed(dims))


def elementwise_type(left: Any, right: Any) -> TensorType:
    """Type of an arithmetic result; a plain number takes the tensor's element type."""
    if not isinstance(left, TensorType):
        left, right = right, left
    if not isinstance(right, TensorType):
        dtype = FLOAT32 if isinstance(right, float) and not left.dtype.is_float else left.dtype
        return TensorType(dtype, left.shape)
    shape = broadcast(left.shape, right.shape)
    return TensorType(_promote(left.dtype, right.dtype), shape)


def _promote(left: DType, right: DType) -> DType:
    if left == right:
        return left
    if left.is_float != right.is_float:
        return left if left.is_float else right
    raise Misfit(f"element types {left.short} and {right.short} do not mix", "cast one of them")


def added(ops: Any, x: Any, y: Any) -> Any:
    """x + y. Keras takes what it adds for a bias where its sizes allow that, and then adds it along
    the wrong axis ([4, 4] + [4, 1]): what could be mistaken so is the first operand, or
    subtracted."""
    if not _like_a_bias(x, y):
        return ops.add(x, y)
    if not _like_a_bias(y, x):
        return ops.add(y, x)
    return ops.subtract(x, ops.negative(y))


def _like_a_bias(x: Any, y: Any) -> bool:
    """Whether y, added to x, could be a vector that does not lie along the last axis of x."""
    to: tuple[int | None, ...] = getattr(x, "shape", ())
    of: tuple[int | None, ...] = getattr(y, "shape", ())
    long = [size for size in of if size is None or size > 1]
    if len(to) < 2 or not long or to == of or sum(size is not None for size in long) > 1:
        return False
    lies_last = all(size == 1 for size in of[:-1]) and len(of) <= len(to) and of[-1] == to[-1]
    return not lies_last
