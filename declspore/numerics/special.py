"""Functions of elements whose plain formulas lose digits, or miss a limit.

Written with the functions of ``keras.ops``, so that the compiler and exports share them. Branches
that are not taken see numbers they are defined for, so that no gradient comes of them.
"""

from __future__ import annotations

from collections.abc import Callable

from declspore.ir.dtype import FLOAT32, FLOAT64, DType
from declspore.ir.tensors import Ops
from declspore.ir.tensors import Tensor as Plain

_TAIL = (
    *(0.17087277, -0.82215223, 1.48851587, -1.13520398, 0.27886807),
    *(-0.18628806, 0.09678418, 0.37409196, 1.00002368, -1.26551223),
)
"""Of the logarithm of erfc, highest power first: to 1.2e-7 (Numerical Recipes, 6.2)."""


def computed_as(dtype: DType) -> DType:
    """What a formula with intermediate results is computed in: halves would keep three digits."""
    return FLOAT32 if dtype.itemsize < FLOAT32.itemsize else dtype


def erfc(ops: Ops, x: Plain, dtype: DType) -> Plain:
    """1 - erf(x), whose digits cancel where x is large: there by its logarithm."""
    begin = 3.5 if dtype is FLOAT64 else 0.5
    far = ops.greater(x, begin)
    size = ops.where(far, ops.minimum(x, 30.0), begin)
    t = 1.0 / (size * 0.5 + 1.0)
    total = t * 0.0 + _TAIL[0]
    for coefficient in _TAIL[1:]:
        total = t * total + coefficient
    return ops.where(
        far, t * ops.exp(total - ops.square(size)), 1.0 - ops.erf(ops.maximum(x, -10.0))
    )


def logit(ops: Ops, x: Plain, eps: float | None) -> Plain:
    """log(x / (1 - x)), of x between eps and 1 - eps where that is given."""
    if eps is not None:
        x = ops.minimum(ops.maximum(x, eps), 1.0 - eps)
    return ops.log(x / (1.0 - x))


def hypot(ops: Ops, x: Plain, y: Plain) -> Plain:
    """By the larger of the two, so that no square is too large or too small for its type; infinite
    where one side is, whatever the other is."""
    scale = ops.maximum(ops.absolute(x), ops.absolute(y))
    usual = ops.logical_and(ops.greater(scale, 0.0), ops.less(scale, float("inf")))
    scale = ops.stop_gradient(ops.where(usual, scale, 1.0))
    found = scale * ops.sqrt(ops.square(x / scale) + ops.square(y / scale))
    return ops.where(ops.logical_or(ops.isinf(x), ops.isinf(y)), float("inf"), found)


def xlogy(ops: Ops, x: Plain, y: Plain) -> Plain:
    """0 where x is 0 and y is a number; the gradient there is log y where that is a number."""
    has_log = ops.logical_and(ops.greater(y, 0.0), ops.less(y, float("inf")))
    counts = ops.logical_or(ops.not_equal(x, 0.0), ops.isnan(y))
    return x * ops.log(ops.where(ops.logical_or(has_log, counts), y, 1.0))


def is_close(ops: Ops, x: Plain, y: Plain, rtol: float, atol: float, equal_nan: bool) -> Plain:
    """|x - y| <= atol + rtol |y|. Infinity is close to itself alone, though any distance is less
    than a share of it."""
    near = ops.less_equal(ops.absolute(ops.subtract(x, y)), ops.absolute(y) * rtol + atol)
    near = ops.logical_and(near, ops.logical_not(ops.isinf(y)))
    near = ops.logical_or(near, ops.equal(x, y))
    if not equal_nan:
        return near
    return ops.logical_or(near, ops.logical_and(ops.isnan(x), ops.isnan(y)))


def in_wide(ops: Ops, formula: Callable[..., Plain], dtype: DType) -> Callable[..., Plain]:
    """A formula whose operands are of :func:`computed_as`, its result in the type of the op."""

    def apply(*tensors: Plain) -> Plain:
        found = formula(ops, *tensors)
        return found if computed_as(dtype) is dtype else ops.cast(found, dtype.numpy)

    return apply
