"""Initializers scaled by the fan of the weight (mindspore.common.initializer, 2.10)."""

from __future__ import annotations

from math import sqrt

from declspore.ir.term import Arguments
from declspore.numerics.fans import fans
from declspore.registry.initializer import Gaussian, InitializerKind, Shape, Truncated, Uniform
from declspore.registry.signature import Argument, signature
from declspore.registry.types import Choice, Number

# torch.nn.init.calculate_gain's, which MindSpore takes over
_LINEAR = ("linear", *(f"conv{turned}{n}d" for turned in ("", "_transpose") for n in (1, 2, 3)))
_GAINS = {"relu": sqrt(2.0), "tanh": 5 / 3, "sigmoid": 1.0, **dict.fromkeys(_LINEAR, 1.0)}
_HE = signature(
    Argument("negative_slope", Number(), 0.0, "slope of the leaky ReLU that follows"),
    Argument("mode", Choice(("fan_in", "fan_out")), "fan_in", "the fan that scales"),
    Argument("nonlinearity", Choice(("leaky_relu", *_GAINS)), "leaky_relu", "what follows"),
)
_XAVIER = signature(Argument("gain", Number(above=0.0), 1.0, "factor on the scale"))


def _he_deviation(a: Arguments, shape: Shape) -> float:
    fan_in, fan_out = fans(shape)
    fan = fan_in if a.mode == "fan_in" else fan_out
    leaky = sqrt(2.0 / (1.0 + a.negative_slope**2))
    return float(_GAINS.get(a.nonlinearity, leaky)) / sqrt(fan)


def _xavier_deviation(a: Arguments, shape: Shape) -> float:
    return float(a.gain) * sqrt(2.0 / sum(fans(shape)))


def _uniform(deviation: float) -> Uniform:
    bound = sqrt(3.0) * deviation
    return Uniform(-bound, bound)


def _scaled(a: Arguments, shape: Shape) -> Truncated | Gaussian | Uniform:
    fan_in, fan_out = fans(shape)
    fan = {"fan_in": fan_in, "fan_out": fan_out, "fan_avg": (fan_in + fan_out) / 2}[a.mode]
    deviation = sqrt(a.scale / max(fan, 1))
    if a.distribution == "uniform":
        return _uniform(deviation)
    if a.distribution == "untruncated_normal":
        return Gaussian(0.0, deviation)
    return Truncated(0.0, deviation / _KEPT_DEVIATION, -2.0, 2.0)


_KEPT_DEVIATION = 0.87962566103423978
"""The deviation of a standard normal number between -2 and 2."""

KINDS = (
    InitializerKind(
        name="VarianceScaling",
        signature=signature(
            Argument("scale", Number(above=0.0), 1.0, "factor on the variance"),
            Argument(
                "mode", Choice(("fan_in", "fan_out", "fan_avg")), "fan_in", "the fan that scales"
            ),
            Argument(
                "distribution",
                Choice(("truncated_normal", "untruncated_normal", "uniform")),
                "truncated_normal",
                "of the values",
            ),
        ),
        summary="Variance scale / fan, as documented; MindSpore 2.10 draws its default uniformly.",
        example='VarianceScaling(2.0, mode = "fan_out")',
        distribution=_scaled,
    ),
    InitializerKind(
        name="HeUniform",
        signature=_HE,
        summary="Uniform over +-gain sqrt(3 / fan); the gain is that of nonlinearity.",
        example="HeUniform(negative_slope = 0.2)",
        distribution=lambda a, shape: _uniform(_he_deviation(a, shape)),
        aliases=("he_uniform",),
    ),
    InitializerKind(
        name="HeNormal",
        signature=_HE,
        summary="Normal, its deviation gain / sqrt(fan); the gain is that of nonlinearity.",
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
