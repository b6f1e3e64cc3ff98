"""Initializers scaled by the fan of the weight (mindspore.common.initializer, 2.10)."""

from __future__ import annotations

from math import sqrt

from declspore.ir.term import Arguments
from declspore.registry.initializer import Gaussian, InitializerKind, Shape, Uniform, fans
from declspore.registry.signature import Argument, signature
from declspore.registry.types import Choice, Number

_HE = signature(
    Argument("negative_slope", Number(), 0.0, "slope of the leaky ReLU that follows"),
    Argument("mode", Choice(("fan_in", "fan_out")), "fan_in", "the fan that scales"),
    Argument("nonlinearity", Choice(("leaky_relu", "relu")), "leaky_relu", "what follows"),
)
_XAVIER = signature(Argument("gain", Number(above=0.0), 1.0, "factor on the scale"))


def _he_deviation(a: Arguments, shape: Shape) -> float:
    slope = a.negative_slope if a.nonlinearity == "leaky_relu" else 0.0
    fan_in, fan_out = fans(shape)
    fan = fan_in if a.mode == "fan_in" else fan_out
    return sqrt(2.0 / (1.0 + slope**2)) / sqrt(fan)


def _xavier_deviation(a: Arguments, shape: Shape) -> float:
    return float(a.gain) * sqrt(2.0 / sum(fans(shape)))


def _uniform(deviation: float) -> Uniform:
    bound = sqrt(3.0) * deviation
    return Uniform(-bound, bound)


KINDS = (
    InitializerKind(
        name="HeUniform",
        signature=_HE,
        summary="Uniform over +-sqrt(6 / ((1 + negative_slope^2) fan)).",
        example="HeUniform(negative_slope = 0.2)",
        distribution=lambda a, shape: _uniform(_he_deviation(a, shape)),
        aliases=("he_uniform",),
    ),
    InitializerKind(
        name="HeNormal",
        signature=_HE,
        summary="Normal with standard deviation sqrt(2 / ((1 + negative_slope^2) fan)).",
        example='HeNormal(mode = "fan_out")',
        distribution=lambda a, shape: Gaussian(0.0, _he_deviation(a, shape)),
        aliases=("he_normal",),
    ),
    InitializerKind(
        name="XavierUniform",
        signature=_XAVIER,
        summary="Uniform over +-gain sqrt(6 / (fan_in + fan_out)).",
        example="XavierUniform()",
        distribution=lambda a, shape: _uniform(_xavier_deviation(a, shape)),
        aliases=("xavier_uniform",),
    ),
    InitializerKind(
        name="XavierNormal",
        signature=_XAVIER,
        summary="Normal with standard deviation gain sqrt(2 / (fan_in + fan_out)).",
        example="XavierNormal()",
        distribution=lambda a, shape: Gaussian(0.0, _xavier_deviation(a, shape)),
        aliases=("xavier_normal",),
    ),
)
