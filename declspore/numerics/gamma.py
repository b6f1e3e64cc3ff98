"""The logarithm of the gamma function, its derivative, and that of the beta function.

Lanczos' approximation as mindspore.nn documents it (LGamma, DiGamma, LBeta, 2.10). Branches that
are not taken see numbers they are defined for, so that no gradient comes of them.
"""

from __future__ import annotations

from math import log, pi

from declspore.ir.tensors import Ops, Tensor

_BASE = 0.99999999999980993227684700473478
_COEFFICIENTS = (
    *(676.520368121885098567009190444019, -1259.13921672240287047156078755283),
    *(771.3234287776530788486528258894, -176.61502916214059906584551354),
    *(12.507343278686904814458936853, -0.13857109526572011689554707),
    *(9.984369578019570859563e-6, 1.50563273514931155834e-7),
)
_GAMMA = 7.0
_HALF = _GAMMA + 0.5
_CORRECTION = (
    *(-0.165322962780713e-02, 0.837308034031215e-03, -0.595202931351870e-03),
    *(0.793650666825390e-03, -0.277777777760991e-02, 0.833333333333333e-01),
)


def _argument(ops: Ops, x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Where Euler's reflection is needed, z, and log(z + gamma + 1/2)."""
    reflect = ops.less(x, 0.5)
    z = ops.where(reflect, -x, x - 1.0)
    return reflect, z, ops.log1p(z / _HALF) + log(_HALF)


def log_gamma(ops: Ops, x: Tensor) -> Tensor:
    """log |gamma(x)|; infinity at 0, -1, -2, ... and at infinity."""
    reflect, z, log_t = _argument(ops, x)
    series: Tensor | float = _BASE
    for place, coefficient in enumerate(_COEFFICIENTS):
        series = series + coefficient / (z + (place + 1.0))
    y = ops.log(series) + (z + 0.5 - (z + _HALF) / log_t) * log_t + 0.5 * log(2.0 * pi)
    size = ops.absolute(x)
    beyond = size - ops.floor(size)
    beyond = ops.where(beyond > 0.5, 1.0 - beyond, beyond)
    sine = ops.sin(pi * ops.where(reflect, beyond, 0.5))
    found = ops.where(reflect, log(pi) - ops.log(sine) - y, y)
    return ops.where(ops.isinf(x), float("inf"), found)


def log_gamma_slope(ops: Ops, x: Tensor) -> Tensor:
    """The derivative of log gamma(x); nan at -1, -2, ..."""
    reflect, z, log_t = _argument(ops, x)
    above: Tensor | float = 0.0
    below: Tensor | float = _BASE
    for place, coefficient in enumerate(_COEFFICIENTS):
        share = coefficient / (z + (place + 1.0))
        above, below = above - share / (z + (place + 1.0)), below + share
    y = log_t + above / below - _GAMMA / (z + _HALF)
    angle = pi * ops.where(reflect, x + ops.absolute(ops.floor(x + 0.5)), 0.5)
    found = ops.where(reflect, y - pi * ops.cos(angle) / ops.sin(angle), y)
    poles = ops.logical_and(x < 0, ops.equal(x, ops.floor(x)))
    return ops.where(poles, float("nan"), found)


def _correction(ops: Ops, x: Tensor) -> Tensor:
    """What Stirling's formula lacks of log gamma, for large arguments."""
    inverse = 1.0 / x
    total: Tensor | float = _CORRECTION[0]
    for coefficient in _CORRECTION[1:]:
        total = total * ops.square(inverse) + coefficient
    return total * inverse


def log_beta(ops: Ops, x: Tensor, y: Tensor) -> Tensor:
    """log gamma(x) + log gamma(y) - log gamma(x + y), without what cancels in large arguments."""
    small, large = ops.minimum(x, y), ops.maximum(x, y)
    both = ops.add(small, large)
    plain = log_gamma(ops, small) + log_gamma(ops, large) - log_gamma(ops, both)
    one_large, two_large = ops.greater_equal(large, 8.0), ops.greater_equal(small, 8.0)
    low, high = ops.where(two_large, small, 8.0), ops.where(one_large, large, 8.0)
    first = ops.where(one_large, small, 1.0)
    ratio = ops.log1p(first / high)
    rest = _correction(ops, high) - _correction(ops, first + high)
    of_one = log_gamma(ops, first) + rest - (first + high - 0.5) * ratio
    of_one = of_one - first * ops.log(high) + first
    share = ops.log(low / (low + high))
    of_two = 0.5 * log(2.0 * pi) - 0.5 * ops.log(high) + _correction(ops, low) + rest
    of_two = of_two + (low - 0.5) * share - high * ops.log1p(low / high)
    return ops.where(two_large, of_two, ops.where(one_large, of_one, plain))
