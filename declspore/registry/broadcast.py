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
