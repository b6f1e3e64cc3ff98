"""Ops that compute each element by itself: of one tensor, or of several that are broadcast."""

from __future__ import annotations

from collections.abc import Callable
from math import log, pi

from declspore.exports.onnx.graph import Lowering, Tensor, WithoutForm
from declspore.ir.dtype import BOOL, INT32, DType
from declspore.ir.shape import TensorType
from declspore.ir.term import Arguments
from declspore.numerics.broadcast import elementwise_type

Form = Callable[[Lowering, Arguments], str]


def _type(value: Tensor | float) -> TensorType | float:
    return value.type if isinstance(value, Tensor) else value


# ---- of one tensor


def _unary(apply: Callable[[Lowering, str, DType], str]) -> Form:
    """Of a tensor in the type of the result, or in its own where that is of truth values."""

    def lower(n: Lowering, a: Arguments) -> str:
        made = n.type.dtype
        return apply(n, n.cast(a.input, made if made.is_float else a.input.type.dtype), made)

    return lower


def _operator(operator: str, whole: bool = False) -> Form:
    """``whole``: leaves integers what they are."""

    def lower(n: Lowering, a: Arguments) -> str:
        made = n.type.dtype
        if whole and not made.is_float:
            return n.emit("Identity", n.cast(a.input, made))
        own = a.input.type.dtype
        return n.emit(operator, n.cast(a.input, made if made.is_float else own))

    return lower


def _trunc(n: Lowering, x: str, dtype: DType) -> str:
    return n.emit("Mul", n.emit("Sign", x), n.emit("Floor", n.emit("Abs", x)))


def _scaled(factor: float) -> Form:
    return _unary(lambda n, x, dtype: n.emit("Mul", x, n.scalar(factor, dtype)))


def _log(base: float) -> Form:
    return _unary(lambda n, x, dtype: n.emit("Div", n.emit("Log", x), n.scalar(log(base), dtype)))


def _finite(n: Lowering, x: str, dtype: DType) -> str:
    return n.emit("Not", n.emit("Or", n.emit("IsNaN", x), n.emit("IsInf", x)))


def _identity(n: Lowering, a: Arguments) -> str:
    return n.emit("Identity", a.input)


# ---- of two


def _binary(apply: Callable[[Lowering, str, str, DType], str]) -> Form:
    def lower(n: Lowering, a: Arguments) -> str:
        dtype = n.type.dtype
        return apply(n, n.cast(a.input, dtype), n.cast(a.other, dtype), dtype)

    return lower


def _pair(operator: str) -> Form:
    return _binary(lambda n, x, y, dtype: n.emit(operator, x, y))


def _floor_div(n: Lowering, x: str, y: str, dtype: DType) -> str:
    """ONNX rounds the quotient of integers towards 0."""
    if dtype.is_float:
        return n.emit("Floor", n.emit("Div", x, y))
    return n.emit("Div", n.emit("Sub", x, n.emit("Mod", x, y)), y)


def _remainder(n: Lowering, x: str, y: str, dtype: DType) -> str:
    if not dtype.is_float:
        return n.emit("Mod", x, y)
    return n.emit("Sub", x, n.emit("Mul", y, n.emit("Floor", n.emit("Div", x, y))))


def _comparison(operator: str, negated: bool = False) -> Form:
    def lower(n: Lowering, a: Arguments) -> str:
        met = elementwise_type(_type(a.input), _type(a.other)).dtype
        dtype = INT32 if met == BOOL else met
        found = n.emit(operator, n.cast(a.input, dtype), n.cast(a.other, dtype))
        return n.emit("Not", found) if negated else found

    return lower


def _logical(operator: str) -> Form:
    return lambda n, a: n.emit(operator, n.cast(a.input, BOOL), n.cast(a.other, BOOL))


# ---- choices


def _where(n: Lowering, a: Arguments) -> str:
    dtype = n.type.dtype
    return n.emit("Where", a.condition, n.cast(a.input, dtype), n.cast(a.other, dtype))


def _masked_fill(n: Lowering, a: Arguments) -> str:
    return n.emit("Where", a.mask, n.cast(a.value, n.type.dtype), a.input)


def _clamp(n: Lowering, a: Arguments) -> str:
    dtype = n.type.dtype
    found = n.cast(a.input, dtype)
    if a.min is not None:
        found = n.emit("Max", found, n.scalar(a.min, dtype))
    return found if a.max is None else n.emit("Min", found, n.scalar(a.max, dtype))


def _cast(n: Lowering, a: Arguments) -> str:
    return n.emit("Cast", a.input, to=a.dtype.numpy)


def _lerp(n: Lowering, a: Arguments) -> str:
    dtype = n.type.dtype
    start, end = n.cast(a.input, dtype), n.cast(a.end, dtype)
    return n.emit("Add", start, n.emit("Mul", n.cast(a.weight, dtype), n.emit("Sub", end, start)))


def _with_product(operator: str) -> Form:
    """input + value (tensor1 operator tensor2)."""

    def lower(n: Lowering, a: Arguments) -> str:
        dtype = n.type.dtype
        if not isinstance(a.value, int | float):
            raise WithoutForm("its factor is a tensor")
        product = n.emit(operator, n.cast(a.tensor1, dtype), n.cast(a.tensor2, dtype))
        scaled = n.emit("Mul", product, n.scalar(a.value, dtype))
        return n.emit("Add", n.cast(a.input, dtype), scaled)

    return lower


LOWERINGS: dict[str, Form] = {
    "abs": _operator("Abs"),
    "neg": _operator("Neg"),
    "exp": _operator("Exp"),
    "log": _operator("Log"),
    "sqrt": _operator("Sqrt"),
    "reciprocal": _operator("Reciprocal"),
    "sin": _operator("Sin"),
    "cos": _operator("Cos"),
    "tan": _operator("Tan"),
    "asin": _operator("Asin"),
    "acos": _operator("Acos"),
    "atan": _operator("Atan"),
    "sinh": _operator("Sinh"),
    "cosh": _operator("Cosh"),
    "asinh": _operator("Asinh"),
    "acosh": _operator("Acosh"),
    "atanh": _operator("Atanh"),
    "erf": _operator("Erf"),
    "sign": _operator("Sign"),
    "floor": _operator("Floor", whole=True),
    "ceil": _operator("Ceil", whole=True),
    "round": _operator("Round", whole=True),
    "isnan": _operator("IsNaN"),
    "isinf": _operator("IsInf"),
    "isfinite": _unary(_finite),
    "rsqrt": _unary(lambda n, x, dtype: n.emit("Reciprocal", n.emit("Sqrt", x))),
    "square": _unary(lambda n, x, dtype: n.emit("Mul", x, x)),
    "log1p": _unary(lambda n, x, dtype: n.emit("Log", n.emit("Add", x, n.scalar(1.0, dtype)))),
    "expm1": _unary(lambda n, x, dtype: n.emit("Sub", n.emit("Exp", x), n.scalar(1.0, dtype))),
    "log2": _log(2.0),
    "log10": _log(10.0),
    "exp2": _unary(lambda n, x, dtype: n.emit("Exp", n.emit("Mul", x, n.scalar(log(2.0), dtype)))),
    "trunc": _unary(_trunc),
    "frac": _unary(lambda n, x, dtype: n.emit("Sub", x, _trunc(n, x, dtype))),
    "deg2rad": _scaled(pi / 180.0),
    "rad2deg": _scaled(180.0 / pi),
    "logical_not": lambda n, a: n.emit("Not", n.cast(a.input, BOOL)),
    "stop_gradient": _identity,
    "dropout": _identity,
    "add": _pair("Add"),
    "sub": _pair("Sub"),
    "mul": _pair("Mul"),
    "div": _pair("Div"),
    "pow": _pair("Pow"),
    "maximum": _pair("Max"),
    "minimum": _pair("Min"),
    "floor_div": _binary(_floor_div),
    "remainder": _binary(_remainder),
    "equal": _comparison("Equal"),
    "not_equal": _comparison("Equal", negated=True),
    "less": _comparison("Less"),
    "less_equal": _comparison("LessOrEqual"),
    "greater": _comparison("Greater"),
    "greater_equal": _comparison("GreaterOrEqual"),
    "logical_and": _logical("And"),
    "logical_or": _logical("Or"),
    "logical_xor": _logical("Xor"),
    "where": _where,
    "masked_fill": _masked_fill,
    "clamp": _clamp,
    "cast": _cast,
    "lerp": _lerp,
    "addcmul": _with_product("Mul"),
    "addcdiv": _with_product("Div"),
}
