"""Further functions of elements."""

from __future__ import annotations

import math
from collections.abc import Callable

from declspore.ir.dtype import BOOL
from declspore.ir.shape import TensorType
from declspore.ir.tensors import Ops
from declspore.ir.tensors import Tensor as Plain
from declspore.ir.term import Arguments
from declspore.numerics.axes import type_of
from declspore.numerics.broadcast import elementwise_type, promoted
from declspore.numerics.by_numpy import by_numpy
from declspore.numerics.elementwise import (
    LEFT,
    ONE,
    RIGHT,
    as_floats,
    binary,
    combined_floats,
    combined_numbers,
    computed,
    floating,
    itself,
    numbers_of,
    plain_in_type,
    same,
    truncated,
    unary,
)
from declspore.numerics.special import computed_as, erfc, hypot, in_wide, xlogy
from declspore.registry.builder import Builder, Value
from declspore.registry.kind import Misfit
from declspore.registry.op import OpKind
from declspore.registry.signature import Argument, signature
from declspore.registry.types import Number, Tensor


def _truth(a: Arguments) -> TensorType:
    return TensorType(BOOL, type_of(a.input).shape)


def _fmod(ops: Ops, x: Plain, y: Plain) -> Plain:
    """Exact, as C's fmod is, and of the sign of x."""
    size, below = ops.absolute(y), x < 0
    return ops.where(below, -ops.mod(-x, size), ops.mod(x, size))


def _signed(a: Arguments) -> TensorType:
    found = combined_numbers(a)
    if found.dtype.kind == "uint":
        raise Misfit(f"{found} has no negative numbers", "cast(..., i32)")
    return found


def _wide(
    word: str, summary: str, formula: Callable[..., Plain], *operands: Argument, example: str
) -> OpKind:
    """``formula(ops, x, ..., dtype)`` of floats, halves in float32; ``dtype`` is computed in."""

    def lower(b: Builder, a: Arguments) -> Value:
        made = b.output_type.dtype
        taken = computed_as(made)
        apply = in_wide(b.keras.ops, lambda ops, *tensors: formula(ops, *tensors, taken), made)
        given = [a[operand.name] for operand in operands]
        return computed(b, taken, apply, *given, numbers=True)

    return OpKind(
        name=word,
        signature=signature(*operands),
        summary=summary,
        example=example,
        infer=floating if len(operands) == 1 else combined_floats,
        lower=lower,
        **by_numpy(lower),
    )


def _infer_lerp(a: Arguments) -> TensorType:
    between = elementwise_type(type_of(a.input), type_of(a.end))
    return as_floats(elementwise_type(between, a.weight))


def _lower_lerp(b: Builder, a: Arguments) -> Value:
    dtype = b.output_type.dtype
    return computed(b, dtype, lambda x, y, w: x + w * (y - x), a.input, a.end, a.weight)


def _infer_outer(a: Arguments) -> TensorType:
    x, y = type_of(a.input), type_of(a.vec2)
    if x.rank != 1 or y.rank != 1:
        raise Misfit(f"outer takes two vectors, found {x} and {y}")
    return numbers_of(TensorType(promoted(x.dtype, y.dtype), (*x.shape, *y.shape)))


def _lower_outer(b: Builder, a: Arguments) -> Value:
    sides = (plain_in_type(b, side) for side in (a.input, a.vec2))
    return b.from_plain(b.keras.ops.outer(*sides))


def _lower_full(b: Builder, a: Arguments) -> Value:
    return b.elementwise(lambda x: b.keras.ops.full_like(x, a.fill_value), a.input)


KINDS = (
    unary("tan", "The tangent.", lambda o, x: o.tan(x), of_numbers=math.tan),
    unary("asin", "The angle of a sine.", lambda o, x: o.arcsin(x), of_numbers=math.asin),
    unary("acos", "The angle of a cosine.", lambda o, x: o.arccos(x), of_numbers=math.acos),
    unary("atan", "The angle of a tangent.", lambda o, x: o.arctan(x), of_numbers=math.atan),
    unary("sinh", "The hyperbolic sine.", lambda o, x: o.sinh(x), of_numbers=math.sinh),
    unary("cosh", "The hyperbolic cosine.", lambda o, x: o.cosh(x), of_numbers=math.cosh),
    unary("asinh", "The inverse of sinh.", lambda o, x: o.arcsinh(x)),
    unary("acosh", "The inverse of cosh.", lambda o, x: o.arccosh(x)),
    unary("atanh", "The inverse of tanh.", lambda o, x: o.arctanh(x)),
    unary("expm1", "exp(x) - 1.", lambda o, x: o.expm1(x)),
    unary(
        "log2",
        "The logarithm to base 2.",
        lambda o, x: o.log(x) * (1.0 / math.log(2.0)),
        of_numbers=math.log2,
    ),
    unary(
        "log10",
        "The logarithm to base 10.",
        lambda o, x: o.log(x) * (1.0 / math.log(10.0)),
        of_numbers=math.log10,
    ),
    _wide("erfc", "1 - erf(x), to the last digits.", erfc, ONE, example="x |> erfc"),
    unary(
        "trunc", "Rounded towards 0.", truncated, whole=itself, infer=same, of_numbers=math.trunc
    ),
    unary("isnan", "Where no number is.", lambda o, x: o.isnan(x), infer=_truth),
    unary("isinf", "Where infinity is.", lambda o, x: o.isinf(x), infer=_truth),
    unary("isfinite", "Where a finite number is.", lambda o, x: o.isfinite(x), infer=_truth),
    binary(
        "atan2",
        "The angle of the point (other, input).",
        lambda o, x, y: o.arctan2(x, y),
        infer=combined_floats,
        of_numbers=math.atan2,
    ),
    binary("fmod", "What is left of input / other rounded to 0.", _fmod, infer=_signed),
    _wide(
        "xlogy",
        "input log(other), 0 where input is 0 and other is a number.",
        lambda o, x, y, _: xlogy(o, x, y),
        *(LEFT, RIGHT),
        example="xlogy(x, y)",
    ),
    _wide(
        "hypot",
        "sqrt(input^2 + other^2).",
        lambda o, x, y, _: hypot(o, x, y),
        *(LEFT, RIGHT),
        example="hypot(x, y)",
    ),
    OpKind(
        name="lerp",
        signature=signature(
            ONE,
            Argument("end", Tensor(), help="a tensor"),
            Argument("weight", Tensor(scalars=True), help="how far from input to end"),
        ),
        summary="input + weight (end - input).",
        example="lerp(x, y, 0.3)",
        infer=_infer_lerp,
        lower=_lower_lerp,
        **by_numpy(_lower_lerp),
    ),
    OpKind(
        name="outer",
        signature=signature(ONE, Argument("vec2", Tensor(), help="a vector")),
        summary="The products of all pairs of elements of two vectors.",
        example="outer(x[:, 0, 0, 0], y[0, :, 0, 0])",
        infer=_infer_outer,
        lower=_lower_outer,
        **by_numpy(_lower_outer),
    ),
    OpKind(
        name="full_like",
        signature=signature(
            ONE, Argument("fill_value", Number(infinite=True), help="every element")
        ),
        summary="A value for every element, in the same shape and type.",
        example="full_like(x, 2.0)",
        infer=lambda a: type_of(a.input),
        lower=_lower_full,
        **by_numpy(_lower_full),
    ),
)
