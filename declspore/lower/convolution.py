"""Transposed convolutions that Keras's own layer cannot do: with groups, with dilation where a
backend has no kernel for it, or with strides beyond a kernel of one element, whose gradient
TensorFlow 2.21 computes out of bounds with oneDNN."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras
import numpy as np
from keras import ops

from declspore.ir.tensors import Array, Tensor
from declspore.lower.typed import TypedLayer


@keras.saving.register_keras_serializable("declspore")
class GroupedConvTranspose(TypedLayer):
    """A transposed convolution, channels last, with a kernel [..., out / groups, in].

    Groups run one by one; gaps of a dilated kernel are filled with zeros. A kernel of one element
    runs with stride 1, and zeros are put between its results.
    """

    def __init__(
        self,
        filters: int,
        kernel_size: tuple[int, ...],
        strides: tuple[int, ...],
        padding: str,
        dilation_rate: tuple[int, ...],
        groups: int,
        use_bias: bool,
        kernel_initializer: object,
        bias_initializer: object,
        **options: object,
    ) -> None:
        super().__init__(**options)
        self._config: dict[str, Any] = {
            "filters": filters,
            "kernel_size": tuple(kernel_size),
            "strides": tuple(strides),
            "padding": padding,
            "dilation_rate": tuple(dilation_rate),
            "groups": groups,
            "use_bias": use_bias,
            "kernel_initializer": kernel_initializer,
            "bias_initializer": bias_initializer,
        }

    def build(self, input_shape: Sequence[int | None]) -> None:
        c = self._config
        shape = (*c["kernel_size"], c["filters"] // c["groups"], input_shape[-1])
        self.kernel = self.add_weight(
            shape=shape, initializer=c["kernel_initializer"], name="kernel"
        )
        self.bias = None
        if c["use_bias"]:
            self.bias = self.add_weight(
                shape=(c["filters"],), initializer=c["bias_initializer"], name="bias"
            )
        self.built = True

    def call(self, inputs: Tensor) -> Tensor:
        c = self._config
        kernel = self.spread_kernel()
        groups = c["groups"]
        single = all(size == 1 for size in c["kernel_size"])
        strides = (1,) * len(c["strides"]) if single else c["strides"]
        parts = zip(
            ops.split(inputs, groups, axis=-1), ops.split(kernel, groups, axis=-1), strict=True
        )
        results = [
            ops.conv_transpose(
                x, k, strides=strides, padding=c["padding"], data_format="channels_last"
            )
            for x, k in parts
        ]
        result = ops.concatenate(results, axis=-1) if groups > 1 else results[0]
        if single:
            result = _with_zeros_between(result, c["strides"])
        return result if self.bias is None else result + ops.cast(self.bias, result.dtype)

    def spread_kernel(self) -> Tensor:
        """The kernel with zeros in the gaps of the dilation."""
        kernel = ops.convert_to_tensor(self.kernel)
        for axis, rate in enumerate(self._config["dilation_rate"]):
            if rate == 1:
                continue
            shape = list(kernel.shape)
            gaps = [(0, 0)] * (len(shape) + 1)
            gaps[axis + 1] = (0, rate - 1)
            spread = ops.pad(ops.expand_dims(kernel, axis + 1), gaps)
            shape[axis] = shape[axis] * rate
            reach = shape[axis] - rate + 1
            kernel = ops.reshape(spread, shape)[(slice(None),) * axis + (slice(0, reach),)]
        return kernel

    def compute_output_shape(self, input_shape: Sequence[int | None]) -> tuple[int | None, ...]:
        c = self._config
        sizes = []
        for axis, size in enumerate(input_shape[1:-1]):
            reach = c["dilation_rate"][axis] * (c["kernel_size"][axis] - 1) + 1
            beyond = 0 if c["padding"] == "same" else max(reach - c["strides"][axis], 0)
            sizes.append(None if size is None else size * c["strides"][axis] + beyond)
        return (input_shape[0], *sizes, c["filters"])

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), **self._config}


def _with_zeros_between(tensor: Tensor, strides: tuple[int, ...]) -> Tensor:
    """A channels-last tensor with ``stride - 1`` zeros after each element of each axis."""
    for axis, stride in enumerate(strides, start=1):
        if stride == 1:
            continue
        gaps = [(0, 0)] * (len(strides) + 3)
        gaps[axis + 1] = (0, stride - 1)
        spread = ops.pad(ops.expand_dims(tensor, axis + 1), gaps)
        sizes = list(ops.shape(tensor))
        sizes[axis] = sizes[axis] * stride
        tensor = ops.reshape(spread, sizes)
    return tensor


# ---- the layer of Keras with the same outputs


def full_conv_transpose(layer: GroupedConvTranspose) -> keras.layers.Layer:
    """One that mixes all channels and has no gaps: zeros in its kernel stand for both."""
    config = layer.get_config()
    rates, reach = config.pop("dilation_rate"), []
    for size, rate in zip(config["kernel_size"], rates, strict=True):
        reach.append(rate * (size - 1) + 1)
    del config["groups"]
    make = getattr(keras.layers, f"Conv{len(reach)}DTranspose")
    return make(**{**config, "kernel_size": tuple(reach), "data_format": "channels_last"})


def full_weights(layer: GroupedConvTranspose) -> list[Array]:
    """The weights of that layer: a group's kernel where it meets its own channels."""
    spread = ops.convert_to_numpy(layer.spread_kernel())
    groups = layer.get_config()["groups"]
    *sizes, out, entering = spread.shape
    each = entering // groups
    kernel = np.zeros((*sizes, out * groups, entering), spread.dtype)
    for group in range(groups):
        mine = slice(group * each, (group + 1) * each)
        kernel[..., group * out : (group + 1) * out, mine] = spread[..., mine]
    return [kernel, *layer.get_weights()[1:]]
