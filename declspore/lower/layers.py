"""Keras layers of our own, where MindSpore's semantics have no Keras twin."""

from __future__ import annotations

import keras
from keras import ops

from declspore.ir.tensors import Tensor
from declspore.lower.devices import SharingDevices, counted, current_devices, first_of, share_of
from declspore.lower.typed import TypedLayer


@keras.saving.register_keras_serializable("declspore")
class BatchNormalization(TypedLayer, keras.layers.BatchNormalization):
    """Batch normalisation over the last axis as MindSpore trains it.

    Keras moves ``moving_variance`` towards the biased variance of the batch; MindSpore towards
    the unbiased one, n / (n - 1) times it, n being the samples per channel. In eval both are the
    same. ``affine`` false freezes gamma and beta; ``use_batch_statistics`` true or false fixes
    which statistics are used, in training and eval alike.
    """

    def __init__(
        self,
        affine: bool = True,
        use_batch_statistics: bool | None = None,
        synchronized: bool = False,
        **options: object,
    ) -> None:
        super().__init__(axis=-1, **options)
        # ours, on every backend: Keras's own is for TensorFlow alone
        self.synchronized = synchronized
        self.affine = affine
        self.use_batch_statistics = use_batch_statistics

    def build(self, input_shape: object) -> None:
        super().build(input_shape)
        if not self.affine:
            self.gamma.trainable = False
            self.beta.trainable = False

    def call(self, inputs: Tensor, training: bool | None = None, mask: object = None) -> Tensor:
        fixed = self.use_batch_statistics
        by_batch = (bool(training) and self.trainable) if fixed is None else fixed
        if by_batch:
            axes = tuple(range(len(inputs.shape) - 1))
            pivot = ops.stop_gradient(ops.mean(inputs[:1], axis=axes, keepdims=True))
            if keras.backend.standardize_dtype(inputs.dtype) not in ("float32", "float64"):
                pivot = ops.zeros_like(pivot)  # half precision would lose digits by it
            elif (devices := self._devices()) is not None:
                pivot = first_of(devices, pivot)
            inputs = inputs - pivot
            mean, variance = self._batch_statistics(inputs, pivot)
        else:
            mean, variance = self.moving_mean, self.moving_variance
        return ops.batch_normalization(
            inputs,
            mean=ops.cast(mean, inputs.dtype),
            variance=ops.cast(variance, inputs.dtype),
            axis=-1,
            offset=ops.cast(self.beta, inputs.dtype),
            scale=ops.cast(self.gamma, inputs.dtype),
            epsilon=self.epsilon,
        )

    def _batch_statistics(self, inputs: Tensor, pivot: Tensor) -> tuple[Tensor, Tensor]:
        """Mean and biased variance of the batch without the mean of its first sample; the moving
        ones follow. So equal numbers have a variance of 0, and large ones keep their digits."""
        axes = tuple(range(len(inputs.shape) - 1))
        dtype = keras.backend.result_type(inputs.dtype, "float32")
        values = ops.cast(inputs, dtype)
        count = ops.cast(ops.size(inputs) // inputs.shape[-1], dtype)
        if (devices := self._devices()) is not None:
            mean, variance, count = _moments_of_all(devices, values, count, axes)
        else:
            mean, variance = ops.moments(values, axes=axes)
        unbiased = variance * (count / ops.maximum(count - 1.0, 1.0))
        keep = self.momentum
        whole = mean + ops.cast(ops.reshape(pivot, [-1]), dtype)
        whole, unbiased = self._moved_towards(whole, unbiased)
        self.moving_mean.assign(self.moving_mean * keep + whole * (1.0 - keep))
        self.moving_variance.assign(self.moving_variance * keep + unbiased * (1.0 - keep))
        return mean, variance

    def _devices(self) -> SharingDevices | None:
        """The devices whose samples it normalizes together; None where it uses its own alone."""
        devices = current_devices()
        shares = devices is not None and (self.synchronized or devices.statistics == "batch")
        return devices if shares else None

    def _moved_towards(self, mean: Tensor, variance: Tensor) -> tuple[Tensor, Tensor]:
        """What the moving statistics follow."""
        devices = current_devices()
        if devices is None or self.synchronized or devices.statistics != "mean":
            return mean, variance
        own = ops.stop_gradient(ops.stack([mean, variance]))
        found = devices.sum(own * ops.cast(share_of(devices), own.dtype))
        return found[0], found[1]

    def get_config(self) -> dict[str, object]:
        config = super().get_config()
        config.pop("axis")
        own = {"affine": self.affine, "use_batch_statistics": self.use_batch_statistics}
        return {**config, **own}


def _moments_of_all(
    devices: SharingDevices, values: Tensor, count: Tensor, axes: tuple[int, ...]
) -> tuple[Tensor, Tensor, Tensor]:
    """Mean, biased variance and samples per channel of a batch that several devices share."""
    given = ops.concatenate([ops.sum(values, axis=axes), ops.reshape(count, [1])])
    found = devices.sum(counted(devices, given))
    mean, count = found[:-1] / found[-1], ops.stop_gradient(found[-1])
    squares = ops.sum(ops.square(values - ops.stop_gradient(mean)), axis=axes)
    return mean, devices.sum(counted(devices, squares)) / count, count


@keras.saving.register_keras_serializable("declspore")
class ChannelSlope(TypedLayer):
    """x where x > 0, else slope x, with one slope or one for each channel (the last axis)."""

    def __init__(self, channels: int, initializer: object, **options: object) -> None:
        super().__init__(**options)
        self._channels, self._initializer = channels, initializer
        self.slope = self.add_weight(shape=(channels,), initializer=initializer, name="slope")

    def call(self, inputs: Tensor) -> object:
        slope = ops.cast(self.slope, inputs.dtype)
        return ops.where(inputs > 0, inputs, slope * inputs)

    def compute_output_shape(self, input_shape: object) -> object:
        return input_shape

    def get_config(self) -> dict[str, object]:
        own = {"channels": self._channels, "initializer": self._initializer}
        return {**super().get_config(), **own}


@keras.saving.register_keras_serializable("declspore")
class ScaleShift(TypedLayer):
    """x gamma + beta, which have the shape of the last axes."""

    def __init__(
        self,
        shape: tuple[int, ...],
        gamma_initializer: object,
        beta_initializer: object,
        **options: object,
    ) -> None:
        super().__init__(**options)
        self._given = {
            "shape": tuple(shape),
            "gamma_initializer": gamma_initializer,
            "beta_initializer": beta_initializer,
        }
        self.gamma, self.beta = (
            self.add_weight(
                shape=tuple(shape), initializer=self._given[f"{name}_initializer"], name=name
            )
            for name in ("gamma", "beta")
        )

    def call(self, inputs: Tensor) -> object:
        gamma, beta = (ops.cast(one, inputs.dtype) for one in (self.gamma, self.beta))
        return inputs * gamma + beta

    def compute_output_shape(self, input_shape: object) -> object:
        return input_shape

    def get_config(self) -> dict[str, object]:
        return {**super().get_config(), **self._given}
