"""First values of parameters.

Every parameter draws from its own generator, seeded by the seed and its path: adding a cell does
not change the values of the others, and every backend starts from the same numbers.
"""

from __future__ import annotations

import hashlib
from typing import Any

import numpy as np
from numpy.typing import NDArray

from declspore.ir.network import ParameterSpec
from declspore.registry.initializer import (
    Constant,
    Distribution,
    Drawn,
    Gaussian,
    InitializerKind,
    Truncated,
    Uniform,
)
from declspore.registry.table import vocabulary


def distribution(parameter: ParameterSpec) -> Distribution:
    """What the first value of a parameter is drawn from."""
    kind = vocabulary().of(InitializerKind, parameter.init.word)
    return kind.distribution(parameter.init.arguments, parameter.shape)


def first_value(parameter: ParameterSpec, seed: int) -> NDArray[np.float32]:
    """The value a parameter starts from, in MindSpore's layout."""
    source = distribution(parameter)
    match source:
        case Constant(value):
            return np.full(parameter.shape, value, np.float32)
        case Uniform(low, high):
            numbers = _generator(parameter.name, seed).random(parameter.shape, np.float32)
            return numbers * np.float32(high - low) + np.float32(low)
        case Gaussian(mean, deviation):
            generator = _generator(parameter.name, seed)
            numbers = generator.standard_normal(parameter.shape, np.float32)
            return numbers * np.float32(deviation) + np.float32(mean)
        case Truncated(mean, deviation, low, high):
            numbers = _truncated(_generator(parameter.name, seed), parameter.shape, low, high)
            return numbers * np.float32(deviation) + np.float32(mean)
        case Drawn(draw):
            drawn = draw(np, _generator(parameter.name, seed))
            return np.asarray(drawn, np.float32)


def _truncated(
    source: np.random.Generator, shape: tuple[int, ...], low: float, high: float
) -> NDArray[np.float32]:
    """Standard normal numbers between two bounds."""
    numbers = source.standard_normal(shape, np.float32)
    while (outside := (numbers < low) | (numbers > high)).any():
        numbers[outside] = source.standard_normal(int(outside.sum()), np.float32)
    return numbers


def keras_config(parameter: ParameterSpec) -> dict[str, Any]:
    """A Keras initializer of the same distribution, so that a cloned model starts sensibly."""
    match distribution(parameter):
        case Constant(value):
            return _config("Constant", value=value)
        case Uniform(low, high):
            return _config("RandomUniform", minval=low, maxval=high)
        case Gaussian(mean, deviation):
            return _config("RandomNormal", mean=mean, stddev=deviation)
        case Truncated(mean, deviation, _, _):
            return _config("TruncatedNormal", mean=mean, stddev=deviation)
        case Drawn():
            return _config("GlorotUniform")


def _config(name: str, **options: float) -> dict[str, Any]:
    return {"class_name": name, "config": options}


def _generator(path: str, seed: int) -> np.random.Generator:
    digest = hashlib.sha256(f"{seed}\0{path}".encode()).digest()
    return np.random.Generator(np.random.Philox(int.from_bytes(digest[:16], "little")))
