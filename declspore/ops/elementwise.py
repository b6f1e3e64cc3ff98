"""Ops that work element by element."""

from __future__ import annotations

from functools import partial
from typing import Any

from declspore.ir.dtype import BOOL
from declspore.ir.shape import TensorType
from declspore.ir.term import Arguments
from declspore.registry.axes import type_of
from declspore.registry.broadcast import broadcast, elementwise_type
from declspore.registry.builder import Builder, Value
from declspore.registry.elementwise import LEFT, ONE, RIGHT, binary, same, unary
from declspore.registry.kind import Misfit
from declspore.registry.op import OpKind
from declspore.registry.signature import Argument, signature
from declspore.registry.types import ElementType, Number, Optional, Tensor

_unary = partial(unary, in_edits="computes")
_binary = partial(binary, in_edits="computes")


def _truth(a: Arguments) -> TensorType:
    return TensorType(BOOL, elementwise_type(a.input, a.other).shape)


def _comparison(word: str, sign: str, function: str) -> OpKind:
    def lower(b: Builder, a: Arguments) -> Value:
        return b.elementwise(getattr(b.keras.ops, function), a.input, a.other)

    return OpKind(
        name=word,
        in_edits="computes",
        signature=signature(LEFT, RIGHT),
        summary=f"Where input {sign} other, as true and false.",
        example=f"x {sign} y",
        infer=_truth,
        lower=lower,
        operator=sign,
    )


def _logical(word: str, function: str, summary: str) -> OpKind:
    def infer(a: Arguments) -> TensorType:
        for operand in (a.input, a.other):
            if type_of(operand).dtype != BOOL:
                raise Misfit(f"{word} takes truth values, found {type_of(operand)}")
        return TensorType(BOOL, broadcast(type_of(a.input).shape, type_of(a.other).shape))

    def lower(b: Builder, a: Arguments) -> Value:
        return b.elementwise(getattr(b.keras.ops, function), a.input, a.other)

    other = Argument("other", Tensor(), help="truth values; shapes broadcast")
    return OpKind(
        name=word,
        in_edits="computes",
        signature=signature(Argument("input", Tensor(), help="truth values"), other),
        summary=summary,
        example=f"{word}(x > 0, y > 0)",
        infer=infer,
        lower=lower,
    )


def _infer_not(a: Arguments) -> TensorType:
    if type_of(a.input).dtype != BOOL:
        raise Misfit(f"logical_not takes truth values, found {type_of(a.input)}")
    return type_of(a.input)


def _infer_clamp(a: Arguments) -> TensorType:
    if a.min is None and a.max is None:
        raise Misfit("neither min nor max is given", "clamp(x, 0.0, 1.0)")
    return type_of(a.input)


def _lower_clamp(b: Builder, a: Arguments) -> Value:
    def apply(x: Any) -> Any:
        if a.min is not None:
            x = b.keras.ops.maximum(x, a.min)
        return x if a.max is None else b.keras.ops.minimum(x, a.max)

    return b.elementwise(apply, a.input)


def _infer_where(a: Arguments) -> TensorType:
    if type_of(a.condition).dtype != BOOL:
        raise Misfit(f"the condition must be of truth values, found {type_of(a.condition)}")
    numbers = [value for value in (a.input, a.other) if not isinstance(value, (int, float))]
    if not numbers:
        raise Misfit("one of the two choices must be a tensor")
    chosen = elementwise_type(a.input, a.other)
    return chosen.with_shape(broadcast(type_of(a.condition).shape, chosen.shape))


def _lower_where(b: Builder, a: Arguments) -> Value:
    return b.elementwise(b.keras.ops.where, a.condition, a.input, a.other)


def _infer_fill(a: Arguments) -> TensorType:
    if type_of(a.mask).dtype != BOOL:
        raise Misfit(f"the mask must be of truth values, found {type_of(a.mask)}")
    x = type_of(a.input)
    return x.with_shape(broadcast(x.shape, type_of(a.mask).shape))


def _lower_fill(b: Builder, a: Arguments) -> Value:
    name = type_of(a.input).dtype.numpy

    def apply(x: Any, mask: Any) -> Any:
        return b.keras.ops.where(mask, b.keras.ops.cast(a.value, name), x)

    return b.elementwise(apply, a.input, a.mask)


def _infer_cast(a: Arguments) -> TensorType:
    return TensorType(a.dtype, type_of(a.input).shape)


def _lower_cast(b: Builder, a: Arguments) -> Value:
    return b.elementwise(lambda x: b.keras.ops.cast(x, a.dtype.numpy), a.input)


KINDS = (
    _unary("abs", "The absolute value.", lambda o, x: o.absolute(x), infer=same),
    _unary("neg", "-x.", lambda o, x: o.negative(x), infer=same),
    _unary("exp", "e to the power of x.", lambda o, x: o.exp(x)),
    _unary("log", "The natural logarithm.", lambda o, x: o.log(x)),
    _unary("log1p", "log(1 + x).", lambda o, x: o.log1p(x)),
    _unary("sqrt", "The square root.", lambda o, x: o.sqrt(x)),
    _unary("rsqrt", "1 / sqrt(x).", lambda o, x: o.rsqrt(x)),
    _unary("square", "x x.", lambda o, x: o.square(x), infer=same),
    _unary("reciprocal", "1 / x.", lambda o, x: 1.0 / x),
    _unary("sin", "The sine.", lambda o, x: o.sin(x)),
    _unary("cos", "The cosine.", lambda o, x: o.cos(x)),
    _unary("erf", "The error function.", lambda o, x: o.erf(x), in_edits=None),
    _unary("sign", "-1, 0 or 1.", lambda o, x: o.sign(x), infer=same),
    _unary("floor", "Rounded down.", lambda o, x: o.floor(x), infer=same),
    _unary("ceil", "Rounded up.", lambda o, x: o.ceil(x), infer=same),
    _unary("round", "Rounded, halves to even.", lambda o, x: o.round(x), infer=same),
    _binary("pow", "input to the power of other.", lambda o, x, y: o.power(x, y), sign="**"),
    _binary("maximum", "The larger of the two.", lambda o, x, y: o.maximum(x, y)),
    _binary("minimum", "The smaller of the two.", lambda o, x, y: o.minimum(x, y)),
    _binary(
        "floor_div", "input / other, rounded down.", lambda o, x, y: o.floor_divide(x, y), sign="//"
    ),
    _binary(
        "remainder", "input - other floor(input / other).", lambda o, x, y: o.mod(x, y), sign="%"
    ),
    _comparison("equal", "==", "equal"),
    _comparison("not_equal", "!=", "not_equal"),
    _comparison("less", "<", "less"),
    _comparison("less_equal", "<=", "less_equal"),
    _comparison("greater", ">", "greater"),
    _comparison("greater_equal", ">=", "greater_equal"),
    _logical("logical_and", "logical_and", "Where both are true."),
    _logical("logical_or", "logical_or", "Where one or both are true."),
    _logical("logical_xor", "logical_xor", "Where just one is true."),
    OpKind(
        name="logical_not",
        in_edits="computes",
        signature=signature(Argument("input", Tensor(), help="truth values")),
        summary="Where false.",
        example="logical_not(x > y)",
        infer=_infer_not,
        lower=lambda b, a: b.elementwise(b.keras.ops.logical_not, a.input),
    ),
    OpKind(
        name="clamp",
        in_edits="computes",
        signature=signature(
            ONE,
            Argument("min", Optional(Number()), None, "the least value; none: no bound"),
            Argument("max", Optional(Number()), None, "the largest value; none: no bound"),
        ),
        summary="min(max(x, min), max).",
        example="clamp(x, 0.0, 6.0)",
        infer=_infer_clamp,
        lower=_lower_clamp,
    ),
    OpKind(
        name="where",
        in_edits="computes",
        signature=signature(Argument("condition", Tensor(), help="truth values"), LEFT, RIGHT),
        summary="input where the condition is true, else other; shapes broadcast.",
        example="where(x > 0, x, y)",
        infer=_infer_where,
        lower=_lower_where,
    ),
    OpKind(
        name="masked_fill",
        in_edits="computes",
        signature=signature(
            ONE,
            Argument("mask", Tensor(), help="truth values; shapes broadcast"),
            Argument("value", Number(), help="what stands where the mask is true"),
        ),
        summary="The value where the mask is true, else input.",
        example="masked_fill(x, y > 0, -1e9)",
        infer=_infer_fill,
        lower=_lower_fill,
    ),
    OpKind(
        name="cast",
        in_edits="computes",
        signature=signature(ONE, Argument("dtype", ElementType(), help="such as f16")),
        summary="The tensor in another element type.",
        example="x |> cast(f16)",
        infer=_infer_cast,
        lower=_lower_cast,
    ),
)
