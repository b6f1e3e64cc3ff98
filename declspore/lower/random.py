"""Layers that draw random numbers: those that Keras does not have, and Keras's own where devices
share a batch.

Devices that share a batch draw the numbers of the whole batch, from the same seed, and use those of
their own samples: the numbers that one device would use.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import keras
from keras import ops

from declspore.ir.tensors import Tensor
from declspore.lower.devices import count_of, current_devices
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

    def call(self, inputs: Tensor) -> object:
        low, high = self._bounds
        slope = _drawn(
            ops.shape(inputs),
            lambda shape: keras.random.uniform(shape, low, high, inputs.dtype, self._generator),
        )
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

    def call(self, inputs: Tensor) -> object:
        draw = keras.random.normal if self.distribution == "normal" else keras.random.uniform
        return _drawn(
            ops.shape(inputs),
            lambda shape: draw(shape, dtype=inputs.dtype, seed=self._generator),
        )

    def compute_output_shape(self, input_shape: object) -> object:
        return input_shape

    def get_config(self) -> dict[str, object]:
        return {**super().get_config(), "distribution": self.distribution}


def _drawn(
    shape: Sequence[int | Tensor], draw: Callable[[Sequence[int | Tensor]], Tensor]
) -> Tensor:
    """Random numbers of a shape, whose first axis counts samples, or parts of them."""
    devices = current_devices()
    if devices is None:
        return draw(shape)
    begin, whole = devices.place[0], devices.place[2]
    each = shape[0] // ops.maximum(count_of(devices), 1)
    found = draw((whole * each, *shape[1:]))
    first = ops.minimum(begin, whole - 1) * each
    return found[first : first + shape[0]]


class SharedDropout(TypedLayer, keras.layers.Dropout):
    """Keras's layer, where devices share a batch."""

    def call(self, inputs: Tensor, training: bool = False) -> Tensor:
        if not training or not self.rate or current_devices() is None:
            return super().call(inputs, training=training)
        shape = self.noise_of(inputs)
        return inputs * _drawn(shape, lambda shape: self._mask(shape, inputs.dtype))

    def noise_of(self, inputs: Tensor) -> Sequence[int | Tensor]:
        """The shape of the numbers it draws."""
        found: Sequence[int | Tensor] = ops.shape(inputs)
        return found

    def _mask(self, shape: Sequence[int | Tensor], dtype: str) -> Tensor:
        return keras.random.dropout(ops.ones(shape, dtype), self.rate, seed=self.seed_generator)


def _shared(kind: type) -> type:
    """One of Keras's layers that drop whole channels."""

    def noise_of(self: SharedDropout, inputs: Tensor) -> Sequence[int | Tensor]:
        found: Sequence[int | Tensor] = self._get_noise_shape(inputs)
        return found

    return type(f"Shared{kind.__name__}", (SharedDropout, kind), {"noise_of": noise_of})


_SHARED = {
    keras.layers.Dropout: SharedDropout,
    **{
        kind: _shared(kind)
        for kind in (
            keras.layers.SpatialDropout1D,
            keras.layers.SpatialDropout2D,
            keras.layers.SpatialDropout3D,
        )
    },
}


def draw_by_state(network: keras.Model) -> None:
    """Let layers of Keras that were given no seed draw by the state that they hold, which a
    training keeps. On PyTorch they draw from the generator of the process instead, so that a
    training that is continued would draw other numbers."""
    if keras.backend.backend() != "torch":
        return
    for layer in network.layers:
        generator = vars(layer).get("seed_generator")
        if generator is not None and generator.get_config()["seed"] is None:
            # Keras asks whether there is one, and does not read it
            generator._initial_seed = 0  # noqa: SLF001


def share_draws(network: keras.Model) -> None:
    """Let layers of Keras that draw numbers draw those of the whole batch, where devices share
    it. Outside of such a step nothing changes."""
    for layer in network.layers:
        if type(layer) in _SHARED:
            layer.__class__ = _SHARED[type(layer)]
