"""Functions of elements that networks call now and then."""

from __future__ import annotations

from math import e, log, pi

from declspore.ir.dtype import BOOL, INT32
from declspore.ir.shape import TensorType
from declspore.ir.tensors import Ops
from declspore.ir.tensors import Tensor as Plain
from declspore.ir.term import Arguments
from declspore.numerics.axes import AXES, axes_of, reduced, type_of
from declspore.numerics.broadcast import added, elementwise_type
from declspore.numerics.by_numpy import by_numpy
from declspore.numerics.elementwise import (
    ONE,
    as_floats,
    as_totals,
    binary,
    combined_floats,
    computed,
    larger,
    magnitude,
    same,
    truncated,
    unary,
)
from declspore.numerics.special import is_close, logit
from declspore.registry.builder import Builder, Value
from declspore.registry.kind import Misfit
from declspore.registry.op import OpKind
from declspore.registry.signature import Argument, signature
from declspore.registry.types import Boolean, Number, Optional, Tensor


def _sinc(ops: Ops, x: Plain) -> Plain:
    """sin(pi x) / (pi x), 1 at 0; near 0 as a series, since in the gradient of the quotient
    nearly equal numbers are subtracted."""
    near = ops.absolute(x) < 0.1
    square = ops.square(ops.where(near, x, ops.zeros_like(x)) * pi)
    series = 1.0 - square / 6.0 * (1.0 - square / 20.0 * (1.0 - square / 42.0))
    angle = ops.where(near, ops.ones_like(x), x) * pi
    return ops.where(near, series, ops.sin(angle) / angle)


def _log_of_sum(ops: Ops, x: Plain, y: Plain, base: float) -> Plain:
    """log(base^x + base^y) to that base, from the larger of the two."""
    scale = log(base)
    return larger(ops, x, y) + ops.log1p(ops.exp(-magnitude(ops, ops.subtract(x, y)) * scale)) * (
        1.0 / scale
    )


def _signed(ops: Ops, x: Plain, y: Plain) -> Plain:
    size = magnitude(ops, x)
    return ops.where(y < 0, -size, size)


# ---- three operands


def _infer_product(a: Arguments) -> TensorType:
    first = elementwise_type(type_of(a.tensor1), type_of(a.tensor2))
    return as_floats(elementwise_type(type_of(a.input), first))


def _with_product(word: str, sign: str, function: str) -> OpKind:
    def lower(b: Builder, a: Arguments) -> Value:
        both = getattr(b.keras.ops, function)
        return computed(
            b,
            b.output_type.dtype,
            lambda x, y, z: added(b.keras.ops, x, both(y, z) * a.value),
            *(a.input, a.tensor1, a.tensor2),
        )

    return OpKind(
        name=word,
        signature=signature(
            ONE,
            Argument("tensor1", Tensor(), help="a tensor"),
            Argument("tensor2", Tensor(), help="a tensor; shapes broadcast"),
            Argument("value", Number(), 1.0, "factor"),
        ),
        summary=f"input + value tensor1 {sign} tensor2.",
        example=f"{word}(x, x, y, 0.5)",
        infer=_infer_product,
        lower=lower,
        **by_numpy(lower),
    )


# ---- likeness, counts, bounds


def _infer_close(a: Arguments) -> TensorType:
    return TensorType(BOOL, elementwise_type(type_of(a.input), type_of(a.other)).shape)


def _lower_close(b: Builder, a: Arguments) -> Value:
    ops = b.keras.ops

    def close(x: Plain, y: Plain) -> Plain:
        return is_close(ops, x, y, a.rtol, a.atol, a.equal_nan)

    met = elementwise_type(type_of(a.input), type_of(a.other))
    return computed(b, as_floats(met).dtype, close, a.input, a.other)


def _infer_count(a: Arguments) -> TensorType:
    x, axes = type_of(a.input), axes_of(a.input, a.axis)
    return TensorType(INT32, reduced(x, axes, a.keep_dims).shape)


def _lower_count(b: Builder, a: Arguments) -> Value:
    ops, axes = b.keras.ops, axes_of(a.input, a.axis)
    found = ops.cast(ops.not_equal(b.plain(a.input), 0), "int32")
    return b.from_plain(ops.sum(found, axis=axes, keepdims=a.keep_dims))


def _infer_norm(a: Arguments) -> TensorType:
    if not type_of(a.x).dtype.is_float:
        raise Misfit(f"clip_by_norm takes floats, found {type_of(a.x)}", "cast(..., f32)")
    return type_of(a.x)


def _lower_norm(b: Builder, a: Arguments) -> Value:
    ops = b.keras.ops

    def clip(x: Plain) -> Plain:
        total = ops.sum(ops.power(magnitude(ops, x), a.norm_type))
        norm = ops.power(total, 1.0 / a.norm_type)
        return x * ops.minimum(a.max_norm / (norm + 1e-6), 1.0)

    return b.elementwise(clip, a.x)


def _infer_fraction(a: Arguments) -> TensorType:
    x = type_of(a.input)
    return as_totals(x) if x.dtype == BOOL else x


KINDS = (
    unary("stop_gradient", "x, with no gradient.", lambda o, x: o.stop_gradient(x), infer=same),
    unary("exp2", "2 to the power of x.", lambda o, x: o.exp(x * log(2.0))),
    unary(
        "frac",
        "x without its whole part.",
        lambda o, x: x - truncated(o, x),
        whole=lambda o, x: o.zeros_like(x),
        infer=_infer_fraction,
    ),
    unary("deg2rad", "Degrees as radians.", lambda o, x: x * (pi / 180.0)),
    unary("rad2deg", "Radians as degrees.", lambda o, x: x * (180.0 / pi)),
    unary("sinc", "sin(pi x) / (pi x), 1 at 0.", _sinc),
    unary("erfinv", "The inverse of erf.", lambda o, x: o.erfinv(x), plain=False),
    unary(
        "logit",
        "log(x / (1 - x)), x kept from eps to 1 - eps where eps is given.",
        logit,
        Argument("eps", Optional(Number(0.0)), None, "how near to 0 and 1 x may come"),
    ),
    unary(
        "nan_to_num",
        "Numbers where nan and infinity are.",
        lambda o, x, nan, posinf, neginf: o.nan_to_num(
            x, nan=nan or 0.0, posinf=posinf, neginf=neginf
        ),
        Argument("nan", Optional(Number(infinite=True)), None, "where no number is; none: 0"),
        Argument(
            "posinf", Optional(Number(infinite=True)), None, "where infinity is; none: the largest"
        ),
        Argument(
            "neginf", Optional(Number(infinite=True)), None, "where -infinity is; none: the least"
        ),
        infer=same,
        plain=False,  # the largest number is that of the element type
    ),
    binary(
        "logaddexp",
        "log(e^input + e^other).",
        lambda o, x, y: _log_of_sum(o, x, y, e),
        infer=combined_floats,
    ),
    binary(
        "logaddexp2",
        "log2(2^input + 2^other).",
        lambda o, x, y: _log_of_sum(o, x, y, 2.0),
        infer=combined_floats,
    ),
    binary(
        "copysign",
        "|input| with the sign of other.",
        _signed,
        infer=combined_floats,
    ),
    _with_product("addcmul", "*", "multiply"),
    _with_product("addcdiv", "/", "true_divide"),
    OpKind(
        name="isclose",
        signature=signature(
            ONE,
            Argument("other", Tensor(), help="a tensor; shapes broadcast"),
            Argument("rtol", Number(0.0), 1e-5, "share of other that may be between"),
            Argument("atol", Number(0.0), 1e-8, "absolute tolerance"),
            Argument("equal_nan", Boolean(), False, "whether nan is like nan"),
        ),
        summary="Where |input - other| <= atol + rtol |other|.",
        example="isclose(x, y)",
        infer=_infer_close,
        lower=_lower_close,
        **by_numpy(_lower_close),
    ),
    OpKind(
        name="count_nonzero",
        signature=signature(
            Argument("input", Tensor(), help="a tensor"),
            Argument("axis", AXES, None, "an axis or a list of them; none: all"),
            Argument("keep_dims", Boolean(), False, "whether the axes stay with size 1"),
        ),
        summary="How many elements are not 0, over some axes.",
        example="x |> count_nonzero(axis = 1)",
        infer=_infer_count,
        lower=_lower_count,
        **by_numpy(_lower_count),
    ),
    OpKind(
        name="clip_by_norm",
        signature=signature(
            Argument("x", Tensor(), help="a tensor"),
            Argument("max_norm", Number(above=0.0), help="the largest norm"),
            Argument("norm_type", Number(above=0.0), 2.0, "the power p of the norm"),
        ),
        summary="x min(1, max_norm / (sum(|x|^p)^(1/p) + 1e-6)), over all elements.",
        example="x |> clip_by_norm(1.0)",
        infer=_infer_norm,
        lower=_lower_norm,
        **by_numpy(_lower_norm),
    ),
)
