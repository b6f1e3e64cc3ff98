"""Initializers whose distribution does not depend on the shape."""

from __future__ import annotations

from declspore.ir.term import Arguments
from declspore.registry.initializer import (
    Constant,
    Gaussian,
    InitializerKind,
    Shape,
    Truncated,
    Uniform,
)
from declspore.registry.kind import Misfit
from declspore.registry.signature import Argument, signature
from declspore.registry.types import Number


def _truncated(a: Arguments, shape: Shape) -> Truncated:
    if not a.a < a.b:
        raise Misfit(f"nothing lies between a = {a.a} and b = {a.b}")
    return Truncated(a.mean, a.sigma, (a.a - a.mean) / a.sigma, (a.b - a.mean) / a.sigma)


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
        signature=signature(
            Argument("value", Number(infinite=True), help="the value of every element")
        ),
        summary="Every element `value`.",
        example="Constant(0.5)",
        distribution=lambda a, shape: Constant(a.value),
    ),
    InitializerKind(
        name="Uniform",
        signature=signature(Argument("scale", Number(0.0), 0.07, "half the width")),
        summary="Uniform over -scale to scale.",
        example="Uniform(0.05)",
        distribution=lambda a, shape: Uniform(-a.scale, a.scale),
    ),
    InitializerKind(
        name="Normal",
        signature=signature(
            Argument("sigma", Number(0.0), 0.01, "standard deviation"),
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
            Argument("a", Number(), -2.0, "lower bound of the values"),
            Argument("b", Number(), 2.0, "upper bound of the values"),
        ),
        summary=(
            "Normal between a and b. These are bounds of the values, not of their deviations: with "
            "a small sigma, the usual ones cut nothing off."
        ),
        example="TruncatedNormal(0.02)",
        distribution=_truncated,
        aliases=("truncatednormal",),
    ),
)
