"""Activations, as cells, ops and arguments alike."""

from __future__ import annotations

from collections.abc import Callable
from math import pi, sqrt

from declspore.exports.onnx.graph import Lower, Lowering, Tensor, WithoutForm
from declspore.ir.dtype import DType
from declspore.ir.term import Arguments

Formula = Callable[[Lowering, str, DType], str]


def _plain(operator: str, **attributes: object) -> Formula:
    return lambda n, x, dtype: n.emit(operator, x, **attributes)


def _clip(n: Lowering, x: str, dtype: DType, low: float, high: float) -> str:
    return n.emit("Clip", x, n.scalar(low, dtype), n.scalar(high, dtype))


def _silu(n: Lowering, x: str, dtype: DType) -> str:
    return n.emit("Mul", x, n.emit("Sigmoid", x))


def _hsigmoid(n: Lowering, x: str, dtype: DType) -> str:
    """relu6(x + 3) / 6."""
    shifted = n.emit("Add", x, n.scalar(3.0, dtype))
    return n.emit("Div", _clip(n, shifted, dtype, 0.0, 6.0), n.scalar(6.0, dtype))


def _hswish(n: Lowering, x: str, dtype: DType) -> str:
    return n.emit("Mul", x, _hsigmoid(n, x, dtype))


def _mish(n: Lowering, x: str, dtype: DType) -> str:
    return n.emit("Mul", x, n.emit("Tanh", n.emit("Softplus", x)))


def _softsign(n: Lowering, x: str, dtype: DType) -> str:
    return n.emit("Softsign", x)


def _logsigmoid(n: Lowering, x: str, dtype: DType) -> str:
    return n.emit("Neg", n.emit("Softplus", n.emit("Neg", x)))


def _exact_gelu(n: Lowering, x: str, dtype: DType) -> str:
    """x (1 + erf(x / sqrt(2))) / 2."""
    inner = n.emit("Erf", n.emit("Div", x, n.scalar(sqrt(2.0), dtype)))
    factor = n.emit("Add", inner, n.scalar(1.0, dtype))
    return n.emit("Mul", n.emit("Mul", x, factor), n.scalar(0.5, dtype))


def _tanh_gelu(n: Lowering, x: str, dtype: DType) -> str:
    """x (1 + tanh(sqrt(2 / pi) (x + 0.044715 x^3))) / 2."""
    cube = n.emit("Mul", x, n.emit("Mul", x, x))
    inner = n.emit("Add", x, n.emit("Mul", cube, n.scalar(0.044715, dtype)))
    tanh = n.emit("Tanh", n.emit("Mul", inner, n.scalar(sqrt(2.0 / pi), dtype)))
    factor = n.emit("Add", tanh, n.scalar(1.0, dtype))
    return n.emit("Mul", n.emit("Mul", x, factor), n.scalar(0.5, dtype))


def _fast_gelu(n: Lowering, x: str, dtype: DType) -> str:
    scaled = n.emit("Mul", x, n.scalar(1.702, dtype))
    return n.emit("Mul", x, n.emit("Sigmoid", scaled))


def _softmin(n: Lowering, x: str, dtype: DType) -> str:
    return n.emit("Softmax", n.emit("Neg", x), axis=-1)


def _shrunk(n: Lowering, x: str, dtype: DType, lambd: float, kept: str) -> str:
    """``kept`` where |x| > lambd, else 0."""
    beyond = n.emit("Greater", n.emit("Abs", x), n.scalar(lambd, dtype))
    return n.emit("Where", beyond, kept, n.scalar(0.0, dtype))


def _soft_shrink(n: Lowering, x: str, dtype: DType, lambd: float) -> str:
    nearer = n.emit("Sub", x, n.emit("Mul", n.emit("Sign", x), n.scalar(lambd, dtype)))
    return _shrunk(n, x, dtype, lambd, nearer)


def _tanhshrink(n: Lowering, x: str, dtype: DType) -> str:
    return n.emit("Sub", x, n.emit("Tanh", x))


_SELU: dict[str, object] = {"alpha": 1.6732632423543772, "gamma": 1.0507009873554805}
FORMULAS: dict[str, Formula] = {
    "relu": _plain("Relu"),
    "relu6": lambda n, x, dtype: _clip(n, x, dtype, 0.0, 6.0),
    "sigmoid": _plain("Sigmoid"),
    "tanh": _plain("Tanh"),
    "softmax": _plain("Softmax", axis=-1),
    "logsoftmax": _plain("LogSoftmax", axis=-1),
    "gelu": _tanh_gelu,
    "elu": _plain("Elu", alpha=1.0),
    "celu": _plain("Celu", alpha=1.0),
    "selu": _plain("Selu", **_SELU),
    "leakyrelu": _plain("LeakyRelu", alpha=0.2),
    "hswish": _hswish,
    "hsigmoid": _hsigmoid,
    "silu": _silu,
    "mish": _mish,
    "softsign": _softsign,
    "softplus": _plain("Softplus"),
    "logsigmoid": _logsigmoid,
    "softmin": _softmin,
    "fast_gelu": _fast_gelu,
    "tanhshrink": _tanhshrink,
    "hardtanh": lambda n, x, dtype: _clip(n, x, dtype, -1.0, 1.0),
    "hshrink": lambda n, x, dtype: _shrunk(n, x, dtype, 0.5, x),
    "softshrink": lambda n, x, dtype: _soft_shrink(n, x, dtype, 0.5),
}
"""By MindSpore's names: what ``activation = "..."`` of a cell may be."""


def activate(n: Lowering, name: str, x: str) -> str:
    """The activation of that name of a value of the type of the result."""
    return FORMULAS[name](n, x, n.type.dtype)


def _named(name: str) -> Callable[..., str]:
    return _formula(lambda n, a, x: FORMULAS[name](n, x, n.type.dtype))


def _formula(apply: Callable[[Lowering, Arguments, str], str]) -> Callable[..., str]:
    """The lowering of a cell or op of one tensor, which is cast to the type of the result."""

    def lower(n: Lowering, a: Arguments, x: Tensor | None = None) -> str:
        given: Tensor = a.input if x is None else x
        if not n.type.dtype.is_float:
            raise WithoutForm(f"it has a form for floats, the input is {given.type.dtype.short}")
        return apply(n, a, n.cast(given, n.type.dtype))

    return lower


def _along(operator: str, negated: bool = False) -> Callable[..., str]:
    def apply(n: Lowering, a: Arguments, x: str) -> str:
        return n.emit(operator, n.emit("Neg", x) if negated else x, axis=a.axis)

    return _formula(apply)


def _softplus(n: Lowering, a: Arguments, x: str) -> str:
    if a.beta == 1.0:
        return n.emit("Softplus", x)
    dtype = n.type.dtype
    scaled = n.emit("Mul", x, n.scalar(a.beta, dtype))
    bent = n.emit("Div", n.emit("Softplus", scaled), n.scalar(a.beta, dtype))
    return n.emit("Where", n.emit("Greater", scaled, n.scalar(a.threshold, dtype)), x, bent)


def _gelu(n: Lowering, a: Arguments, x: str) -> str:
    return (_tanh_gelu if a.approximate == "tanh" else _exact_gelu)(n, x, n.type.dtype)


def _gelu_cell(n: Lowering, a: Arguments, x: str) -> str:
    return (_tanh_gelu if a.approximate else _exact_gelu)(n, x, n.type.dtype)


def _threshold(above: str) -> Callable[..., str]:
    def apply(n: Lowering, a: Arguments, x: str) -> str:
        is_above = n.emit("Greater", x, n.scalar(a[above], n.type.dtype))
        return n.emit("Where", is_above, x, n.scalar(a.value, n.type.dtype))

    return _formula(apply)


def _glu(n: Lowering, a: Arguments, x: Tensor | None = None) -> str:
    given: Tensor = a.input if x is None else x
    first, second = n.emit_many("Split", 2, given, axis=a.axis, num_outputs=2)
    return n.emit("Mul", first, n.emit("Sigmoid", second))


def _prelu(n: Lowering, a: Arguments, x: Tensor) -> str:
    slope = n.parameter("w")
    if a.channel > 1:
        axes = [1] * (x.type.rank - 2)
        slope = n.emit("Reshape", slope, n.constant([a.channel, *axes]))
    return n.emit("PRelu", x, slope)


def _shrink(apply: Callable[..., str]) -> Callable[..., str]:
    return _formula(lambda n, a, x: apply(n, x, n.type.dtype, a.lambd))


_LEAKY = _formula(lambda n, a, x: n.emit("LeakyRelu", x, alpha=float(a.alpha)))
_ELU = _formula(lambda n, a, x: n.emit("Elu", x, alpha=float(a.alpha)))
_CELU = _formula(lambda n, a, x: n.emit("Celu", x, alpha=float(a.alpha)))
_HARD_TANH = _formula(lambda n, a, x: _clip(n, x, n.type.dtype, a.min_val, a.max_val))
_HARD_SHRINK = _shrink(lambda n, x, dtype, lambd: _shrunk(n, x, dtype, lambd, x))
_SOFT_SHRINK = _shrink(_soft_shrink)

LOWERINGS: dict[str, Lower] = {
    **{word: _named(word.lower()) for word in ("ReLU", "ReLU6", "Sigmoid", "Tanh", "SiLU", "Mish")},
    **{word: _named(word.lower()) for word in ("SeLU", "HSwish", "HSigmoid", "Softsign")},
    **{word: _named(word.lower()) for word in ("LogSigmoid", "Tanhshrink")},
    **{word: _named(word) for word in ("relu", "relu6", "sigmoid", "tanh", "silu", "mish")},
    **{word: _named(word) for word in ("selu", "softsign", "logsigmoid", "fast_gelu")},
    **{word: _named(word) for word in ("tanhshrink",)},
    "hardswish": _named("hswish"),
    "hardsigmoid": _named("hsigmoid"),
    "FastGelu": _named("fast_gelu"),
    "GELU": _formula(_gelu_cell),
    "gelu": _formula(_gelu),
    "LeakyReLU": _LEAKY,
    "leaky_relu": _LEAKY,
    "ELU": _ELU,
    "elu": _ELU,
    "CELU": _CELU,
    "celu": _CELU,
    "Hardtanh": _HARD_TANH,
    "hardtanh": _HARD_TANH,
    "HShrink": _HARD_SHRINK,
    "hardshrink": _HARD_SHRINK,
    "SoftShrink": _SOFT_SHRINK,
    "softshrink": _SOFT_SHRINK,
    "Threshold": _threshold("threshold"),
    "threshold": _threshold("thr"),
    "Softmax": _along("Softmax"),
    "softmax": _along("Softmax"),
    "LogSoftmax": _along("LogSoftmax"),
    "log_softmax": _along("LogSoftmax"),
    "Softmin": _along("Softmax", negated=True),
    "softmin": _along("Softmax", negated=True),
    "Softmax2d": _formula(lambda n, a, x: n.emit("Softmax", x, axis=1)),
    "softplus": _formula(_softplus),
    "GLU": _glu,
    "glu": _glu,
    "PReLU": _prelu,
}
