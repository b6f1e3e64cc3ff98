"""Ops that compute each element by itself: of one tensor, or of two that are broadcast."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from declspore.ir.dtype import BOOL, FLOAT32, INT64, DType
from declspore.ir.shape import TensorType
from declspore.ir.tensors import Array, Ops, T
from declspore.ir.tensors import Tensor as Plain
from declspore.ir.term import Arguments
from declspore.numerics.axes import type_of
from declspore.numerics.broadcast import elementwise_type
from declspore.numerics.by_numpy import by_numpy
from declspore.registry.arrays import Arrays, TypedArray
from declspore.registry.builder import Builder, Value
from declspore.registry.kind import Misfit
from declspore.registry.op import OpKind
from declspore.registry.plain import OfNumbers
from declspore.registry.signature import Argument, signature
from declspore.registry.types import Tensor

ONE = Argument("input", Tensor(), help="a tensor")
LEFT = Argument("input", Tensor(scalars=True), help="a tensor or number")
RIGHT = Argument("other", Tensor(scalars=True), help="a tensor or number; shapes broadcast")


def same(a: Arguments) -> TensorType:
    return type_of(a.input)


def as_floats(x: TensorType) -> TensorType:
    """Integers and truth values become float32, as in MindSpore."""
    return x if x.dtype.is_float else TensorType(FLOAT32, x.shape)


def as_totals(x: TensorType) -> TensorType:
    """Sums and products of integers and truth values are int64, as in MindSpore."""
    return x if x.dtype.is_float else TensorType(INT64, x.shape)


def numbers_of(value: object) -> TensorType:
    """The type of a tensor of numbers. Raises Misfit."""
    x = type_of(value)
    if x.dtype == BOOL:
        raise Misfit(f"expected a number type, found {x}", "cast(..., i32)")
    return x


def floats_of(value: object) -> TensorType:
    """The type of a tensor of floats. Raises Misfit."""
    x = type_of(value)
    if not x.dtype.is_float:
        raise Misfit(f"expected a float type, found {x}", "cast(..., f32)")
    return x


def of_one_type(first: TensorType, *others: TensorType) -> None:
    """Raises Misfit where tensors are of different element types."""
    for other in others:
        if other.dtype != first.dtype:
            raise Misfit(f"{first} and {other} have different element types", "cast one of them")


def computed(
    b: Builder,
    dtype: DType,
    apply: Callable[..., Plain],
    *operands: Value | float,
    numbers: bool = False,
) -> Value:
    """``apply`` for each element, on operands of one element type: tensors of another are cast
    first, since what Keras makes of two types is not MindSpore's; ``numbers`` become tensors."""
    ops = b.keras.ops
    foreign = [
        numbers if isinstance(operand, int | float) else operand.type.dtype != dtype
        for operand in operands
    ]

    def alike(*tensors: Plain) -> Plain:
        pairs = zip(tensors, foreign, strict=True)
        return apply(*(ops.cast(x, dtype.numpy) if other else x for x, other in pairs))

    return b.elementwise(alike, *operands)


def of_type(n: Arrays, dtype: DType, *operands: TypedArray | float) -> tuple[Array | float, ...]:
    """The arrays of tensors in their wide type. A tensor of another element type than ``dtype`` is
    cast to it first; plain numbers stay as they are."""

    return tuple(x if isinstance(x, int | float) else array_of(n, dtype, x) for x in operands)


def array_of(n: Arrays, dtype: DType, operand: TypedArray) -> Array:
    """The array of one tensor: see :func:`of_type`."""
    if operand.type.dtype == dtype:
        return n.wide(operand)
    return n.wide(n.cast(n.wide(operand), dtype))


def in_type(b: Builder, tensor: Plain, dtype: DType) -> Plain:
    """A tensor of a type in the element type of the result."""
    made = b.output_type.dtype
    return tensor if dtype == made else b.keras.ops.cast(tensor, made.numpy)


def plain_in_type(b: Builder, x: Value) -> Plain:
    """An operand as it is in the spec, in the element type of the result."""
    return in_type(b, b.plain(x), x.type.dtype)


def whole_of(b: Builder, found: Plain) -> Plain:
    """A result of integers in its own type: Keras computes products of bytes as int32."""
    made = b.output_type.dtype
    return b.keras.ops.cast(found, made.numpy) if made.is_integer else found


def floating(a: Arguments) -> TensorType:
    return as_floats(type_of(a.input))


def larger(ops: Ops, x: T, y: T | float) -> T:
    """max(x, y) of floats. Where they are equal each has half of the gradient, as in MindSpore;
    TensorFlow gives the first all of it."""
    return ops.where(ops.equal(x, y), x * 0.5 + y * 0.5, ops.maximum(x, y))


def smaller(ops: Ops, x: T, y: T | float) -> T:
    """min(x, y) of floats; its gradient is shared as that of :func:`larger`."""
    return ops.where(ops.equal(x, y), x * 0.5 + y * 0.5, ops.minimum(x, y))


def magnitude(ops: Ops, x: Plain) -> Plain:
    """|x| of floats, of gradient 0 where x is 0, as in MindSpore; JAX's is 1 there."""
    return ops.where(ops.equal(x, 0), ops.zeros_like(x), ops.absolute(x))


def itself(ops: Ops, x: Plain) -> Plain:
    """Rounding leaves integers what they are; Keras would make them floats first."""
    return x


def truncated(ops: Ops, x: Plain) -> Plain:
    """x without what lies after the decimal point."""
    return ops.sign(x) * ops.floor(ops.absolute(x))


def above(ops: Ops, x: Plain) -> Plain:
    """max(x, 0) of floats, of gradient 0 where x is 0."""
    return ops.where(x <= 0, ops.zeros_like(x), x)


def combined(a: Arguments) -> TensorType:
    return elementwise_type(a.input, a.other)


def combined_numbers(a: Arguments) -> TensorType:
    """What two operands make that are not both truth values. Raises Misfit where they are."""
    return numbers_of(combined(a))


def combined_floats(a: Arguments) -> TensorType:
    """What two operands make where integers become float32."""
    return as_floats(combined(a))


def unary(
    word: str,
    summary: str,
    formula: Callable[..., Plain],
    *more: Argument,
    whole: Callable[..., Plain] | None = None,
    infer: Callable[[Arguments], TensorType] = floating,
    array: Callable[..., Array] | None = None,
    plain: bool = True,
    of_numbers: OfNumbers | None = None,
) -> OpKind:
    """``formula(ops, x, *values)`` for each element, or ``whole`` where the result is none of
    floats; ``more`` are the arguments whose values it takes. ``array(n, x)`` is its array form;
    without it the formula is, where ``plain``: where NumPy has what it calls.
    ``of_numbers`` is the same of plain numbers."""

    def lower(b: Builder, a: Arguments) -> Value:
        values = [a[argument.name] for argument in more]
        own, made = a.input.type.dtype, b.output_type.dtype
        taken = made if made.is_float else own
        chosen = formula if whole is None or made.is_float else whole

        def apply(x: Plain) -> Plain:
            found = chosen(b.keras.ops, x, *values)
            # Keras rounds integers to floats
            return b.keras.ops.cast(found, made.numpy) if made.is_integer else found

        return computed(b, taken, apply, a.input)

    def compute(n: Arrays, a: Arguments) -> Array:
        assert array is not None
        made = n.type.dtype
        found = array(n, array_of(n, made if made.is_float else a.input.type.dtype, a.input))
        return n.cast(found, made) if made.is_integer else found

    forms = {"compute": compute} if array is not None else by_numpy(lower) if plain else {}
    return OpKind(
        name=word,
        signature=signature(ONE, *more),
        summary=summary,
        example=f"x |> {word}",
        infer=infer,
        lower=lower,
        of_numbers=of_numbers,
        **forms,
    )


def binary(
    word: str,
    summary: str,
    formula: Callable[..., Plain],
    *,
    sign: str | None = None,
    whole: Callable[..., Plain] | None = None,
    infer: Callable[[Arguments], TensorType] = combined,
    array: Callable[..., Array] | None = None,
    of_numbers: OfNumbers | None = None,
) -> OpKind:
    """``formula(ops, x, y)`` for each pair of elements, or ``whole`` where the result is none of
    floats; ``sign`` stands for it, if any does. ``array(n, x, y)`` is its array form; without it
    the formula is."""

    def lower(b: Builder, a: Arguments) -> Value:
        dtype = b.output_type.dtype
        chosen = formula if whole is None or dtype.is_float else whole
        apply = partial(chosen, b.keras.ops)
        return computed(b, dtype, apply, a.input, a.other, numbers=array is None)

    def compute(n: Arrays, a: Arguments) -> Array:
        assert array is not None
        return array(n, *of_type(n, n.type.dtype, a.input, a.other))

    forms = by_numpy(lower) if array is None else {"compute": compute}
    return OpKind(
        name=word,
        signature=signature(LEFT, RIGHT),
        summary=summary,
        example=f"x {sign} y" if sign else f"{word}(x, y)",
        infer=infer,
        lower=lower,
        operator=sign,
        of_numbers=of_numbers,
        **forms,
    )
