"""Ops that work element by element."""

from __future__ import annotations

import math
from collections.abc import Callable

from declspore.ir.dtype import BOOL, INT32, DType
from declspore.ir.formula import Applied
from declspore.ir.shape import TensorType
from declspore.ir.tensors import Array, Operand, Ops, T
from declspore.ir.tensors import Tensor as Plain
from declspore.ir.term import Arguments
from declspore.numerics.axes import type_of
from declspore.numerics.broadcast import broadcast, elementwise_type
from declspore.numerics.elementwise import (
    LEFT,
    ONE,
    RIGHT,
    array_of,
    binary,
    combined,
    combined_numbers,
    computed,
    in_type,
    itself,
    larger,
    magnitude,
    numbers_of,
    of_type,
    same,
    smaller,
    unary,
)
from declspore.registry.arrays import Arrays
from declspore.registry.builder import Builder, Value
from declspore.registry.inverse import Lossy, Undone, the_operand
from declspore.registry.kind import Misfit
from declspore.registry.op import OpKind
from declspore.registry.signature import Argument, signature
from declspore.registry.types import Either, ElementType, Integer, Number, Optional, Tensor

_TRUTHS = "truth values, or numbers: all but 0 are true"


def _exactly(function: str) -> Callable[..., Array]:
    """The array form of what NumPy computes alike on every machine."""
    return lambda n, *x: getattr(n.np, function)(*x)


def _precisely(function: str) -> Callable[..., Array]:
    """The array form of what the system's mathematics computes."""
    return lambda n, *x: n.precise(getattr(n.np, function), *x)


def _extreme(
    function: str, formula: Callable[..., Array]
) -> Callable[[Arrays, Array, Array | float], Array]:
    """The array form of a maximum: of floats by the formula, so that of 0 and -0 every machine
    takes the same."""

    def array(n: Arrays, x: Array, y: Array | float) -> Array:
        return formula(n.np, x, y) if n.type.dtype.is_float else getattr(n.np, function)(x, y)

    return array


def _truth(a: Arguments) -> TensorType:
    return TensorType(BOOL, combined(a).shape)


def _comparison(word: str, sign: str, function: str) -> OpKind:
    def compared(a: Arguments) -> DType:
        types = (x if isinstance(x, int | float) else type_of(x) for x in (a.input, a.other))
        met = elementwise_type(*types).dtype
        return INT32 if met == BOOL else met

    def lower(b: Builder, a: Arguments) -> Value:
        return computed(b, compared(a), getattr(b.keras.ops, function), a.input, a.other)

    def compute(n: Arrays, a: Arguments) -> Array:
        return getattr(n.np, function)(*of_type(n, compared(a), a.input, a.other))

    return OpKind(
        name=word,
        signature=signature(LEFT, RIGHT),
        summary=f"Where input {sign} other, as true and false.",
        example=f"x {sign} y",
        infer=_truth,
        lower=lower,
        operator=sign,
        compute=compute,
    )


def _logical(word: str, function: str, summary: str) -> OpKind:
    def infer(a: Arguments) -> TensorType:
        return TensorType(BOOL, broadcast(type_of(a.input).shape, type_of(a.other).shape))

    def lower(b: Builder, a: Arguments) -> Value:
        return b.elementwise(getattr(b.keras.ops, function), a.input, a.other)

    def compute(n: Arrays, a: Arguments) -> Array:
        return getattr(n.np, function)(n.wide(a.input), n.wide(a.other))

    other = Argument("other", Tensor(), help="another; shapes broadcast")
    return OpKind(
        name=word,
        signature=signature(Argument("input", Tensor(), help=_TRUTHS), other),
        summary=summary,
        example=f"{word}(x > 0, y > 0)",
        infer=infer,
        lower=lower,
        compute=compute,
    )


def _infer_not(a: Arguments) -> TensorType:
    return TensorType(BOOL, type_of(a.input).shape)


def _known(a: Arguments) -> TensorType:
    return numbers_of(a.input)


def _signed(a: Arguments) -> TensorType:
    x = type_of(a.input)
    if x.dtype.kind not in ("int", "float"):
        raise Misfit(f"{x} has no negative numbers", "cast(..., i32)")
    return x


def _infer_power(a: Arguments) -> TensorType:
    found = combined_numbers(a)
    if isinstance(a.other, int) and a.other < 0 and not found.dtype.is_float:
        raise Misfit(f"{found} has no negative powers", "cast(..., f32)")
    return found


def _whole_power(ops: Ops, x: Operand, y: Operand) -> Plain:
    """Of integers; of negative powers the whole part is left, as in MindSpore."""
    if isinstance(y, int | float):
        return ops.power(x, y)
    base, exponent = _alike(ops, x, y)
    none, one = ops.zeros_like(base), ops.ones_like(base)
    turned = ops.where(ops.equal(ops.mod(exponent, 2), 0), one, base)
    minus = ops.subtract(none, one)  # unsigned numbers, too, have that, and no sign to change
    below = ops.where(ops.equal(base, one), one, ops.where(ops.equal(base, minus), turned, none))
    return ops.where(ops.less(exponent, 0), below, ops.power(base, ops.maximum(exponent, 0)))


def _power(n: Arrays, x: Array | float, y: Array | float) -> Array:
    """Integers stay exact; of negative powers the whole part is left."""
    if n.type.dtype.is_integer and n.np.all(n.np.asarray(y) >= 0):
        return n.np.power(x, y)
    return n.precise(n.np.power, x, y)


def _alike(ops: Ops, x: T | float, y: T | float) -> tuple[T, T]:
    """Both as tensors: of a float16 tensor and a number Keras's ``mod`` makes float32."""
    if isinstance(y, int | float):
        assert not isinstance(x, int | float), "one of the two is a tensor"
        return x, ops.full_like(x, y)
    return (ops.full_like(y, x), y) if isinstance(x, int | float) else (x, y)


def _remainder(ops: Ops, x: T | float, y: T | float) -> T:
    return ops.mod(*_alike(ops, x, y))


def _whole_quotient(n: Arrays, x: Array | float, y: Array | float) -> Array:
    return n.np.floor_divide(x, y) if n.type.dtype.is_integer else _rounded_down(n.np, x, y)


def _quotient(ops: Ops, x: Operand, y: Operand) -> Plain:
    """The integer below the exact quotient. TensorFlow rounds down the quotient that is
    already rounded: 10 for 1 // 0.1, where float32's 0.1 is more than a tenth. Its gradient is 0,
    which PyTorch's ``floor_divide`` has not."""
    return _rounded_down(ops, *map(ops.stop_gradient, _alike(ops, x, y)))


def _rounded_down(ops: Ops, x: T | float, y: T | float) -> T:
    """By ``keras.ops`` or NumPy, which call the same things by the same names."""
    x, y = _alike(ops, x, y)
    found = (x - ops.mod(x, y)) / y
    finite = ops.less(ops.absolute(found), float("inf"))
    return ops.where(finite, ops.round(found), ops.floor_divide(x, y))


_BOUND = Optional(Either((Integer(), Number(infinite=True))))
"""An integer stays one, so that integers stay whole between them."""


def _infer_clamp(a: Arguments) -> TensorType:
    if a.min is None and a.max is None:
        raise Misfit("neither min nor max is given", "clamp(x, 0.0, 1.0)")
    bounds = [bound for bound in (a.min, a.max) if bound is not None]
    found = elementwise_type(type_of(a.input), sum(bounds))  # a fraction if one of them is
    numbers_of(a.input)
    return found


def _lower_clamp(b: Builder, a: Arguments) -> Value:
    """A value on a bound keeps its gradient, as in MindSpore."""
    return computed(b, b.output_type.dtype, lambda x: _between(b.keras.ops, x, a), a.input)


def _compute_clamp(n: Arrays, a: Arguments) -> Array:
    return _between(n.np, array_of(n, n.type.dtype, a.input), a)


def _between(ops: Ops, x: T, a: Arguments) -> T:
    """By ``keras.ops`` or NumPy, which call the same things by the same names."""
    if a.min is not None:
        x = ops.where(x < a.min, ops.full_like(x, a.min), x)
    return x if a.max is None else ops.where(x > a.max, ops.full_like(x, a.max), x)


def _infer_where(a: Arguments) -> TensorType:
    if type_of(a.condition).dtype != BOOL:
        raise Misfit(f"the condition must be of truth values, found {type_of(a.condition)}")
    numbers = [value for value in (a.input, a.other) if not isinstance(value, (int, float))]
    if not numbers:
        raise Misfit("one of the two choices must be a tensor")
    chosen = combined(a)
    return chosen.with_shape(broadcast(type_of(a.condition).shape, chosen.shape))


def _lower_where(b: Builder, a: Arguments) -> Value:
    def choose(condition: Plain, *choices: Plain) -> Plain:
        found = (
            tensor if isinstance(given, int | float) else in_type(b, tensor, given.type.dtype)
            for given, tensor in zip((a.input, a.other), choices, strict=True)
        )
        return b.keras.ops.where(condition, *found)

    return b.elementwise(choose, a.condition, a.input, a.other)


def _compute_where(n: Arrays, a: Arguments) -> Array:
    return n.np.where(a.condition.array, *of_type(n, n.type.dtype, a.input, a.other))


def _infer_fill(a: Arguments) -> TensorType:
    if type_of(a.mask).dtype != BOOL:
        raise Misfit(f"the mask must be of truth values, found {type_of(a.mask)}")
    x = type_of(a.input)
    return x.with_shape(broadcast(x.shape, type_of(a.mask).shape))


def _lower_fill(b: Builder, a: Arguments) -> Value:
    name = type_of(a.input).dtype.numpy

    def apply(x: Plain, mask: Plain) -> Plain:
        return b.keras.ops.where(mask, b.keras.ops.cast(a.value, name), x)

    return b.elementwise(apply, a.input, a.mask)


def _compute_fill(n: Arrays, a: Arguments) -> Array:
    return n.np.where(a.mask.array, n.cast(a.value, a.input.type.dtype), n.wide(a.input))


def _infer_cast(a: Arguments) -> TensorType:
    return TensorType(a.dtype, type_of(a.input).shape)


def _lower_cast(b: Builder, a: Arguments) -> Value:
    return b.elementwise(lambda x: b.keras.ops.cast(x, a.dtype.numpy), a.input)


def _compute_cast(n: Arrays, a: Arguments) -> Array:
    return n.cast(n.wide(a.input), a.dtype)


def _undo_cast(formula: Applied, text: str) -> Undone:
    operand = the_operand(formula)
    old, new = operand.type.dtype, formula.type.dtype
    if not new.holds(old):
        raise Lossy(f"{new.short} does not hold every {old.short}")
    return [(operand, f"cast({text}, {old.short})")]


KINDS = (
    unary(
        "abs",
        "The absolute value.",
        magnitude,
        whole=lambda o, x: o.absolute(x),
        infer=same,
        array=_exactly("absolute"),
        of_numbers=abs,
    ),
    unary("neg", "-x.", lambda o, x: o.negative(x), infer=_signed, array=_exactly("negative")),
    unary(
        "exp",
        "e to the power of x.",
        lambda o, x: o.exp(x),
        array=_precisely("exp"),
        of_numbers=math.exp,
    ),
    unary(
        "log",
        "The natural logarithm.",
        lambda o, x: o.log(x),
        array=_precisely("log"),
        of_numbers=math.log,
    ),
    unary(
        "log1p",
        "log(1 + x).",
        lambda o, x: o.log1p(x),
        array=_precisely("log1p"),
        of_numbers=math.log1p,
    ),
    unary(
        "sqrt",
        "The square root.",
        lambda o, x: o.sqrt(x),
        array=_exactly("sqrt"),
        of_numbers=math.sqrt,
    ),
    unary(
        "rsqrt",
        "1 / sqrt(x).",
        lambda o, x: o.rsqrt(x),
        array=lambda n, x: 1.0 / n.np.sqrt(x),
        of_numbers=lambda x: 1.0 / math.sqrt(x),
    ),
    unary(
        "square",
        "x x.",
        lambda o, x: o.square(x),
        infer=_known,
        array=_exactly("square"),
        of_numbers=lambda x: x * x,
    ),
    unary("reciprocal", "1 / x.", lambda o, x: 1.0 / x, array=lambda n, x: 1.0 / x),
    unary("sin", "The sine.", lambda o, x: o.sin(x), array=_precisely("sin"), of_numbers=math.sin),
    unary(
        "cos", "The cosine.", lambda o, x: o.cos(x), array=_precisely("cos"), of_numbers=math.cos
    ),
    unary("erf", "The error function.", lambda o, x: o.erf(x)),
    unary(
        "sign",
        "-1, 0 or 1.",
        lambda o, x: o.sign(x),
        infer=_known,
        array=_exactly("sign"),
        of_numbers=lambda x: (x > 0) - (x < 0),
    ),
    unary(
        "floor",
        "Rounded down.",
        lambda o, x: o.floor(x),
        whole=itself,
        infer=_known,
        array=_exactly("floor"),
        of_numbers=math.floor,
    ),
    unary(
        "ceil",
        "Rounded up.",
        lambda o, x: o.ceil(x),
        whole=itself,
        infer=_known,
        array=_exactly("ceil"),
        of_numbers=math.ceil,
    ),
    unary(
        "round",
        "Rounded, halves to even.",
        lambda o, x: o.round(x),
        whole=itself,
        infer=_known,
        array=_exactly("round"),
        of_numbers=round,
    ),
    binary(
        "pow",
        "input to the power of other.",
        lambda o, x, y: o.power(x, y),
        sign="**",
        whole=_whole_power,
        infer=_infer_power,
        array=_power,
    ),
    binary(
        "maximum",
        "The larger of the two; each has half of the gradient where they are equal.",
        larger,
        whole=lambda o, x, y: o.maximum(x, y),
        infer=combined_numbers,
        array=_extreme("maximum", larger),
        of_numbers=max,
    ),
    binary(
        "minimum",
        "The smaller of the two; each has half of the gradient where they are equal.",
        smaller,
        whole=lambda o, x, y: o.minimum(x, y),
        infer=combined_numbers,
        array=_extreme("minimum", smaller),
        of_numbers=min,
    ),
    binary(
        "floor_div",
        "input / other, rounded down.",
        _quotient,
        sign="//",
        whole=lambda o, x, y: o.floor_divide(x, y),
        infer=combined_numbers,
        array=_whole_quotient,
    ),
    binary(
        "remainder",
        "input - other floor(input / other).",
        _remainder,
        sign="%",
        infer=combined_numbers,
        array=lambda n, x, y: _remainder(n.np, x, y),
    ),
    _comparison("equal", "==", "equal"),
    _comparison("not_equal", "!=", "not_equal"),
    _comparison("less", "<", "less"),
    _comparison("less_equal", "<=", "less_equal"),
    _comparison("greater", ">", "greater"),
    _comparison("greater_equal", ">=", "greater_equal"),
    _logical("logical_and", "logical_and", "Where both are true, or not 0."),
    _logical("logical_or", "logical_or", "Where one or both are true, or not 0."),
    _logical("logical_xor", "logical_xor", "Where just one is true, or not 0."),
    OpKind(
        name="logical_not",
        signature=signature(Argument("input", Tensor(), help=_TRUTHS)),
        summary="Where false, or 0.",
        example="logical_not(x > y)",
        infer=_infer_not,
        lower=lambda b, a: b.elementwise(b.keras.ops.logical_not, a.input),
        compute=lambda n, a: n.np.logical_not(n.wide(a.input)),
    ),
    OpKind(
        name="clamp",
        signature=signature(
            ONE,
            Argument("min", _BOUND, None, "the least value; none: no bound"),
            Argument("max", _BOUND, None, "the largest value; none: no bound"),
        ),
        summary="min(max(x, min), max).",
        example="clamp(x, 0.0, 6.0)",
        infer=_infer_clamp,
        lower=_lower_clamp,
        compute=_compute_clamp,
    ),
    OpKind(
        name="where",
        signature=signature(Argument("condition", Tensor(), help="truth values"), LEFT, RIGHT),
        summary="input where the condition is true, else other; shapes broadcast.",
        example="where(x > 0, x, y)",
        infer=_infer_where,
        lower=_lower_where,
        compute=_compute_where,
    ),
    OpKind(
        name="masked_fill",
        signature=signature(
            ONE,
            Argument("mask", Tensor(), help="truth values; shapes broadcast"),
            Argument("value", Number(infinite=True), help="the value where the mask is true"),
        ),
        summary="The value where the mask is true, else input.",
        example="masked_fill(x, y > 0, -1e9)",
        infer=_infer_fill,
        lower=_lower_fill,
        compute=_compute_fill,
    ),
    OpKind(
        name="cast",
        signature=signature(ONE, Argument("dtype", ElementType(), help="such as f16")),
        summary="The tensor in another element type.",
        example="x |> cast(f16)",
        infer=_infer_cast,
        lower=_lower_cast,
        compute=_compute_cast,
        undo=_undo_cast,
        of_stored=True,
    ),
)
