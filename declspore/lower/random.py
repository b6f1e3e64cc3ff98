"""Layers that draw random numbers, in eval too: Keras has none of its own for them."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from declspore.lower.typed import TypedLayer


@keras.saving.register_keras_serializable("declspore")
class RandomSlope(TypedLayer):
    """x where x > 0, else a slope x drawn for each element from ``lower`` to ``upper``."""

    def __init__(
        self, lower: float, upper: float, seed: int | None = None, **options: object
    ) -> None:
        super().__init__(**options)
        self._bounds = (lower, upper)
        self._generator = keras.random.SeedGenerator(seed)

    def call(self, inputs: Any) -> object:
        low, high = self._bounds
        shape = ops.shape(inputs)
        slope = keras.random.uniform(shape, low, high, inputs.dtype, seed=self._generator)
        return ops.where(inputs > 0, inputs, slope * inputs)

    def compute_output_shape(self, input_shape: object) -> object:
        return input_shape

    def get_config(self) -> dict[str, object]:
        low, high = self._bounds
        return {**super().get_config(), "lower": low, "upper": high}


@keras.saving.register_keras_serializable("declspore")
class RandomLike(TypedLayer):
    """Numbers in the shape and type of what enters: ``normal``, or ``uniform`` from 0 to 1."""

    def __init__(self, distribution: str, seed: int | None = None, **options: object) -> None:
        super().__init__(**options)
        self.distribution = distribution
        self._generator = keras.random.SeedGenerator(seed)

    def call(self, inputs: Any) -> object:
        draw = keras.random.normal if self.distribution == "normal" else keras.random.uniform
        return draw(ops.shape(inputs), dtype=inputs.dtype, seed=self._generator)

    def compute_output_shape(self, input_shape: object) -> object:
        return input_shape

    def get_config(self) -> dict[str, object]:
        return {**super().get_config(), "distribution": self.distribution}
