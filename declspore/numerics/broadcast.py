"""Broadcasting: the shape of an elementwise result of several operands."""

from __future__ import annotations

from itertools import zip_longest

from declspore.ir.dtype import BFLOAT16, FLOAT16, FLOAT32, INT16, INT64, UINT8, DType
from declspore.ir.shape import Dim, Shape, TensorType, show_shape
from declspore.ir.tensors import Operand, Ops, Tensor
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


def elementwise_type(left: TensorType | float, right: TensorType | float) -> TensorType:
    """Type of an arithmetic result; a plain number takes the tensor's element type where that can
    hold it."""
    if not isinstance(left, TensorType):
        assert isinstance(right, TensorType), "one of the two is a tensor"
        return TensorType(_holding(right.dtype, left), right.shape)
    if not isinstance(right, TensorType):
        return TensorType(_holding(left.dtype, right), left.shape)
    shape = broadcast(left.shape, right.shape)
    return TensorType(promoted(left.dtype, right.dtype), shape)


def _holding(dtype: DType, number: int | float) -> DType:
    """The element type of a tensor with a number: a fraction makes integers float32, any
    number makes truth values numbers."""
    if dtype.is_float:
        return dtype
    if isinstance(number, float):
        return FLOAT32
    return dtype if dtype.is_integer else INT64


def promoted(left: DType, right: DType) -> DType:
    """The element type two tensors meet in, by MindSpore's implicit conversion: floats before whole
    numbers before truth values, and the wider of a kind. Raises Misfit where MindSpore does."""
    if left == right:
        return left
    unsigned = {dtype for dtype in (left, right) if dtype.kind == "uint"} - {UINT8}
    if unsigned or not {left.kind, right.kind} <= set(_KINDS):
        raise unmixed(left, right)
    first, second = (_KINDS[dtype.kind] for dtype in (left, right))
    if first != second:
        return left if first > second else right
    if {left, right} == {FLOAT16, BFLOAT16}:
        return FLOAT32
    if left.itemsize == right.itemsize:
        return INT16  # of signed and unsigned bytes
    return left if left.itemsize > right.itemsize else right


def unmixed(left: DType, right: DType) -> Misfit:
    """What is wrong where two element types cannot meet."""
    return Misfit(f"element types {left.short} and {right.short} do not mix", "cast one of them")


_KINDS = {"bool": 0, "uint": 1, "int": 1, "float": 2}
"""Of two kinds the higher holds the other."""


def added(ops: Ops, x: Operand, y: Operand) -> Tensor:
    """x + y. Keras takes what it adds for a bias where its sizes allow that, and then adds it along
    the wrong axis ([4, 4] + [4, 1]): what could be mistaken so is the first operand, or
    subtracted."""
    if not _like_a_bias(x, y):
        return ops.add(x, y)
    if not _like_a_bias(y, x):
        return ops.add(y, x)
    return ops.subtract(x, ops.negative(y))


def _like_a_bias(x: Operand, y: Operand) -> bool:
    """Whether y, added to x, could be a vector that does not lie along the last axis of x."""
    to: tuple[int | None, ...] = () if isinstance(x, int | float) else x.shape
    of: tuple[int | None, ...] = () if isinstance(y, int | float) else y.shape
    long = [size for size in of if size is None or size > 1]
    if len(to) < 2 or not long or to == of or sum(size is not None for size in long) > 1:
        return False
    lies_last = all(size == 1 for size in of[:-1]) and len(of) <= len(to) and of[-1] == to[-1]
    return not lies_last
