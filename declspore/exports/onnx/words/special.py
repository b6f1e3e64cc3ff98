"""Functions of elements by formulas, since ONNX does not have an operator for them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from math import e, log, pi

import numpy as np

from declspore.exports.onnx.formulas import Expr, Ops
from declspore.exports.onnx.graph import Lower, Lowering, Tensor, WithoutForm
from declspore.ir.dtype import FLOAT32
from declspore.ir.term import Arguments
from declspore.numerics.broadcast import elementwise_type
from declspore.numerics.elementwise import as_floats
from declspore.numerics.gamma import log_beta, log_gamma, log_gamma_slope
from declspore.numerics.special import computed_as, erfc, hypot, is_close, logit, xlogy

Formula = Callable[..., object]
"""Of operands that can be calculated with: it gives one."""


def _cell(formula: Formula) -> Callable[..., str]:
    """Of tensors in the type of the result."""

    def lower(n: Lowering, a: Arguments, *given: Tensor) -> str:
        return _wide(n, formula, *given)

    return lower


def _op(formula: Formula, *names: str) -> Callable[..., str]:
    """Of the operands ``names``, and the op's other arguments by their names."""

    def lower(n: Lowering, a: Arguments) -> str:
        if not n.type.dtype.is_float:
            raise WithoutForm(f"it has a form for floats, the result is {n.type.dtype.short}")
        more = {name: value for name, value in a.items() if name not in names}
        return _wide(n, partial(formula, **more), *(a[name] for name in names))

    return lower


def _wide(n: Lowering, formula: Formula, *given: Tensor | float) -> str:
    """A formula of floats, halves in float32."""
    made = n.type.dtype
    taken = computed_as(made)
    found = formula(Ops, *(Expr(n, n.cast(one, taken), taken) for one in given))
    assert isinstance(found, Expr)
    return found.name if taken is made else n.emit("Cast", found.name, to=made.numpy)


# ---- of one


def _sinc(ops: type[Ops], x: Expr) -> Expr:
    """sin(pi x) / (pi x), 1 at 0."""
    is_zero = ops.equal(x, 0.0)
    angle = ops.where(is_zero, 1.0, x) * pi
    return ops.where(is_zero, 1.0, ops.sin(angle) / angle)


_NEAR = (
    *(2.81022636e-08, 3.43273939e-07, -3.5233877e-06, -4.39150654e-06, 2.1858087e-04),
    *(-1.25372503e-03, -4.17768164e-03, 2.46640727e-01, 1.50140941),
)
_FAR = (
    *(-2.00214257e-04, 1.00950558e-04, 1.34934322e-03, -3.67342844e-03, 5.73950773e-03),
    *(-7.6224613e-03, 9.43887047e-03, 1.00167406, 2.83297682),
)
"""M. Giles, Approximating the erfinv function (GPU Computing Gems, 2011), in single precision."""


def _erfinv(ops: type[Ops], x: Expr) -> Expr:
    w = -ops.log((1.0 - x) * (1.0 + x))
    near = _polynomial(_NEAR, w - 2.5)
    far = _polynomial(_FAR, ops.sqrt(w) - 3.0)
    found = ops.where(ops.less(w, 5.0), near, far) * x
    at_end = ops.equal(ops.absolute(x), 1.0)
    return ops.where(at_end, ops.sign(x) * float("inf"), found)


def _polynomial(coefficients: Sequence[float], x: Expr) -> Expr:
    """The highest power first."""
    total = x * coefficients[0] + coefficients[1]
    for coefficient in coefficients[2:]:
        total = total * x + coefficient
    return total


def _nan_to_num(n: Lowering, a: Arguments) -> str:
    dtype = n.type.dtype
    if not dtype.is_float:
        return n.emit("Identity", a.input)
    if dtype != FLOAT32:
        raise WithoutForm(f"it has a form for f32, the input is {dtype.short}")
    limits = np.finfo(np.float32)
    high = float(limits.max) if a.posinf is None else a.posinf
    low = float(limits.min) if a.neginf is None else a.neginf
    x = a.input.name
    above = n.emit("IsInf", x, detect_negative=0)
    below = n.emit("IsInf", x, detect_positive=0)
    found = n.emit("Where", n.emit("IsNaN", x), n.scalar(a.nan or 0.0, dtype), x)
    found = n.emit("Where", above, n.scalar(high, dtype), found)
    return n.emit("Where", below, n.scalar(low, dtype), found)


# ---- of two


def _log_of_sum(base: float) -> Formula:
    def formula(ops: type[Ops], x: Expr, y: Expr) -> Expr:
        scale = log(base)
        rest = ops.log1p(ops.exp(-ops.absolute(x - y) * scale)) * (1.0 / scale)
        return ops.maximum(x, y) + rest

    return formula


def _copysign(ops: type[Ops], x: Expr, y: Expr) -> Expr:
    size = ops.absolute(x)
    return ops.where(y < 0.0, -size, size)


def _erfc(n: Lowering, a: Arguments) -> str:
    wide = computed_as(n.type.dtype)
    return _op(lambda ops, x: erfc(ops, x, wide), "input")(n, a)


def _atan2(ops: type[Ops], y: Expr, x: Expr) -> Expr:
    """The angle of the quotient, turned by half a circle left of the axis; of y that is 0, too, the
    sign counts, which its reciprocal has."""
    endless = ops.logical_and(ops.isinf(x), ops.isinf(y))
    quotient = ops.where(endless, ops.sign(x) * ops.sign(y), y / x)
    below = ops.logical_or(y < 0.0, 1.0 / y < 0.0)
    left = ops.logical_or(x < 0.0, 1.0 / x < 0.0)
    half = ops.where(below, -pi, pi)
    found = quotient.of("Atan") + ops.where(left, half, 0.0)
    at_origin = ops.logical_and(ops.equal(x, 0.0), ops.equal(y, 0.0))
    return ops.where(at_origin, ops.where(left, half, y), found)


def _fmod(n: Lowering, a: Arguments) -> str:
    dtype = n.type.dtype
    return n.emit("Mod", n.cast(a.input, dtype), n.cast(a.other, dtype), fmod=1)


def _close(n: Lowering, a: Arguments) -> str:
    dtype = as_floats(elementwise_type(a.input.type, a.other.type)).dtype
    x, y = (Expr(n, n.cast(one, dtype), dtype) for one in (a.input, a.other))
    formula: Formula = is_close
    found = formula(Ops, x, y, a.rtol, a.atol, a.equal_nan)
    assert isinstance(found, Expr)
    return found.name


# ---- of all


def _clip_by_norm(n: Lowering, a: Arguments) -> str:
    x = Expr(n, a.x.name, n.type.dtype)
    power = n.scalar(a.norm_type, n.type.dtype)
    raised = n.emit("Pow", Ops.absolute(x).name, power)
    total = Expr(n, n.emit("ReduceSum", raised, keepdims=0), x.dtype)
    norm = total.of("Pow", 1.0 / a.norm_type)
    return (x * Ops.minimum(a.max_norm / (norm + 1e-6), 1.0)).name


LOWERINGS: dict[str, Lower] = {
    "LGamma": _cell(log_gamma),
    "DiGamma": _cell(log_gamma_slope),
    "LBeta": _cell(log_beta),
    "lgamma": _op(log_gamma, "input"),
    "digamma": _op(log_gamma_slope, "input"),
    "sinc": _op(_sinc, "input"),
    "logit": _op(logit, "input"),
    "erfinv": _op(_erfinv, "input"),
    "nan_to_num": _nan_to_num,
    "logaddexp": _op(_log_of_sum(e), "input", "other"),
    "logaddexp2": _op(_log_of_sum(2.0), "input", "other"),
    "copysign": _op(_copysign, "input", "other"),
    "xlogy": _op(xlogy, "input", "other"),
    "hypot": _op(hypot, "input", "other"),
    "erfc": _erfc,
    "atan2": _op(_atan2, "input", "other"),
    "fmod": _fmod,
    "isclose": _close,
    "clip_by_norm": _clip_by_norm,
}
