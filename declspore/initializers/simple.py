"""Initializers whose distribution does not depend on the shape."""

from __future__ import annotations

from declspore.registry.initializer import Constant, Gaussian, InitializerKind, Truncated, Uniform
from declspore.registry.signature import Argument, signature
from declspore.registry.types import Number

KINDS = (
    InitializerKind(
        name="Zero",
        signature=signature(),
        summary="Every element 0.",
        example="Zero()",
        distribution=lambda a, shape: Constant(0.0),
        aliases=("zeros", "zero"),
    ),
    InitializerKind(
        name="One",
        signature=signature(),
        summary="Every element 1.",
        example="One()",
        distribution=lambda a, shape: Constant(1.0),
        aliases=("ones", "one"),
    ),
    InitializerKind(
        name="Constant",
        signature=signature(Argument("value", Number(), help="the value of every element")),
        summary="Every element `value`.",
        example="Constant(0.5)",
        distribution=lambda a, shape: Constant(a.value),
    ),
    InitializerKind(
        name="Uniform",
        signature=signature(Argument("scale", Number(above=0.0), 0.07, "half the width")),
        summary="Uniform over -scale to scale.",
        example="Uniform(0.05)",
        distribution=lambda a, shape: Uniform(-a.scale, a.scale),
    ),
    InitializerKind(
        name="Normal",
        signature=signature(
            Argument("sigma", Number(above=0.0), 0.01, "standard deviation"),
            Argument("mean", Number(), 0.0, "mean"),
        ),
        summary="Normal with mean `mean` and standard deviation `sigma`.",
        example="Normal(0.02)",
        distribution=lambda a, shape: Gaussian(a.mean, a.sigma),
        aliases=("normal",),
    ),
    InitializerKind(
        name="TruncatedNormal",
        signature=signature(
            Argument("sigma", Number(above=0.0), 0.01, "standard deviation before truncation"),
            Argument("mean", Number(), 0.0, "mean"),
            Argument("a", Number(high=-0.1), -2.0, "lower bound, in deviations"),
            Argument("b", Number(0.1), 2.0, "upper bound, in deviations"),
        ),
        summary="Normal, drawn again where it is beyond a or b deviations.",
        example="TruncatedNormal(0.02)",
        distribution=lambda a, shape: Truncated(a.mean, a.sigma, a.a, a.b),
        aliases=("truncatednormal",),
    ),
)
