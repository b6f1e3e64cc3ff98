"""First values of parameters, for the compiler."""

from __future__ import annotations

from typing import assert_never

import numpy as np
from numpy.typing import NDArray

from declspore.ir.network import ParameterSpec
from declspore.numerics import first_value as first
from declspore.registry.initializer import (
    Constant,
    Distribution,
    Drawn,
    Gaussian,
    Truncated,
    Uniform,
)

_FAR = 4.0
"""Deviations that next to no normal number reaches; Keras truncates at two."""


def distribution(parameter: ParameterSpec) -> Distribution:
    """What the first value of a parameter is drawn from."""
    return first.distribution(parameter.init, parameter.shape)


def first_value(parameter: ParameterSpec, seed: int) -> NDArray[np.float32]:
    """The value a parameter starts from, in MindSpore's layout."""
    found: NDArray[np.float32] = first.first_value(
        np, parameter.init, parameter.shape, parameter.name, seed
    )
    return found


def keras_config(parameter: ParameterSpec) -> dict[str, object]:
    """A Keras initializer of the same distribution, so that a cloned model starts sensibly."""
    match distribution(parameter):
        case Constant(value):
            return _config("Constant", value=value)
        case Uniform(low, high):
            return _config("RandomUniform", minval=low, maxval=high)
        case Gaussian(mean, deviation):
            return _config("RandomNormal", mean=mean, stddev=deviation)
        case Truncated(mean, deviation, low, high) if low <= -_FAR and high >= _FAR:
            return _config("RandomNormal", mean=mean, stddev=deviation)
        case Truncated(mean, deviation, _, _):
            return _config("TruncatedNormal", mean=mean, stddev=deviation)
        case Drawn():
            return _config("GlorotUniform")
        case unknown:
            assert_never(unknown)


def _config(name: str, **options: float) -> dict[str, object]:
    return {"class_name": name, "config": options}
