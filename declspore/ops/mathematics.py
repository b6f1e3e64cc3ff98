"""Further functions of elements."""

from __future__ import annotations

from collections.abc import Callable
from math import log
from typing import Any

from declspore.ir.dtype import BOOL, FLOAT32
from declspore.ir.shape import TensorType
from declspore.ir.term import Arguments
from declspore.registry.axes import type_of
from declspore.registry.broadcast import elementwise_type
from declspore.registry.builder import Builder, Value
from declspore.registry.kind import Misfit
from declspore.registry.op import OpKind
from declspore.registry.signature import Argument, signature
from declspore.registry.types import Number, Tensor

_X = Argument("input", Tensor(), help="a tensor")
_A = Argument("input", Tensor(scalars=True), help="a tensor or number")
_B = Argument("other", Tensor(scalars=True), help="a tensor or number; shapes broadcast")


def _floating(a: Arguments) -> TensorType:
    x = type_of(a.input)
    return x if x.dtype.is_float else TensorType(FLOAT32, x.shape)


def _truth(a: Arguments) -> TensorType:
    return TensorType(BOOL, type_of(a.input).shape)


def _unary(
    word: str,
    summary: str,
    formula: Callable[[Any, Any], Any],
    infer: Callable[[Arguments], TensorType] = _floating,
) -> OpKind:
    def lower(b: Builder, a: Arguments) -> Value:
        return b.elementwise(lambda x: formula(b.keras.ops, x), a.input)

    return OpKind(
        name=word,
        signature=signature(_X),
        summary=summary,
        example=f"x |> {word}",
        infer=infer,
        lower=lower,
    )


def _binary(word: str, summary: str, formula: Callable[..., Any]) -> OpKind:
    def lower(b: Builder, a: Arguments) -> Value:
        return b.elementwise(lambda x, y: formula(b.keras.ops, x, y), a.input, a.other)

    return OpKind(
        name=word,
        signature=signature(_A, _B),
        summary=summary,
        example=f"{word}(x, y)",
        infer=lambda a: elementwise_type(a.input, a.other),
        lower=lower,
    )


def _trunc(ops: Any, x: Any) -> Any:
    return ops.sign(x) * ops.floor(ops.absolute(x))


def _xlogy(ops: Any, x: Any, y: Any) -> Any:
    """0 where x is 0, with gradients that are numbers there too."""
    zero = ops.equal(x, 0.0)
    safe = ops.where(zero, ops.ones_like(y), y)
    return ops.where(zero, ops.zeros_like(y), x * ops.log(safe))


def _infer_lerp(a: Arguments) -> TensorType:
    between = elementwise_type(type_of(a.input), type_of(a.end))
    return elementwise_type(between, a.weight)


def _lower_lerp(b: Builder, a: Arguments) -> Value:
    return b.elementwise(lambda x, y, w: x + w * (y - x), a.input, a.end, a.weight)


def _infer_outer(a: Arguments) -> TensorType:
    x, y = type_of(a.input), type_of(a.vec2)
    if x.rank != 1 or y.rank != 1:
        raise Misfit(f"outer takes two vectors, found {x} and {y}")
    return x.with_shape((*x.shape, *y.shape))


def _lower_outer(b: Builder, a: Arguments) -> Value:
    return b.from_plain(b.keras.ops.outer(b.plain(a.input), b.plain(a.vec2)))


KINDS = (
    _unary("tan", "The tangent.", lambda o, x: o.tan(x)),
    _unary("asin", "The angle of a sine.", lambda o, x: o.arcsin(x)),
    _unary("acos", "The angle of a cosine.", lambda o, x: o.arccos(x)),
    _unary("atan", "The angle of a tangent.", lambda o, x: o.arctan(x)),
    _unary("sinh", "The hyperbolic sine.", lambda o, x: o.sinh(x)),
    _unary("cosh", "The hyperbolic cosine.", lambda o, x: o.cosh(x)),
    _unary("asinh", "The inverse of sinh.", lambda o, x: o.arcsinh(x)),
    _unary("acosh", "The inverse of cosh.", lambda o, x: o.arccosh(x)),
    _unary("atanh", "The inverse of tanh.", lambda o, x: o.arctanh(x)),
    _unary("expm1", "exp(x) - 1.", lambda o, x: o.expm1(x)),
    _unary("log2", "The logarithm to base 2.", lambda o, x: o.log(x) * (1.0 / log(2.0))),
    _unary("log10", "The logarithm to base 10.", lambda o, x: o.log(x) * (1.0 / log(10.0))),
    _unary("erfc", "1 - erf(x).", lambda o, x: 1.0 - o.erf(x)),
    _unary("trunc", "Rounded towards 0.", _trunc),
    _unary("isnan", "Where no number is.", lambda o, x: o.isnan(x), _truth),
    _unary("isinf", "Where infinity is.", lambda o, x: o.isinf(x), _truth),
    _unary("isfinite", "Where a finite number is.", lambda o, x: o.isfinite(x), _truth),
    _binary("atan2", "The angle of the point (other, input).", lambda o, x, y: o.arctan2(x, y)),
    _binary(
        "fmod",
        "What is left of input / other rounded to 0.",
        lambda o, x, y: x - y * _trunc(o, x / y),
    ),
    _binary("xlogy", "input log(other), 0 where input is 0.", _xlogy),
    _binary("hypot", "sqrt(input^2 + other^2).", lambda o, x, y: o.sqrt(o.square(x) + o.square(y))),
    OpKind(
        name="lerp",
        signature=signature(
            _X,
            Argument("end", Tensor(), help="a tensor"),
            Argument("weight", Tensor(scalars=True), help="how far from input to end"),
        ),
        summary="input + weight (end - input).",
        example="lerp(x, y, 0.3)",
        infer=_infer_lerp,
        lower=_lower_lerp,
    ),
    OpKind(
        name="outer",
        signature=signature(_X, Argument("vec2", Tensor(), help="a vector")),
        summary="The products of all pairs of elements of two vectors.",
        example="outer(x[:, 0, 0, 0], y[0, :, 0, 0])",
        infer=_infer_outer,
        lower=_lower_outer,
    ),
    OpKind(
        name="full_like",
        signature=signature(_X, Argument("fill_value", Number(), help="every element")),
        summary="A value for every element, in the same shape and type.",
        example="full_like(x, 2.0)",
        infer=lambda a: type_of(a.input),
        lower=lambda b, a: b.elementwise(lambda x: b.keras.ops.full_like(x, a.fill_value), a.input),
    ),
)
