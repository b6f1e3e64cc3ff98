"""The base of layers of ours that take one tensor."""

from __future__ import annotations

import keras

from declspore.ir.tensors import Tensor


class TypedLayer(keras.layers.Layer):
    """A layer of one tensor whose result has the element type of its input.

    It says what its result is instead of leaving that to Keras, which would run ``call`` to find
    out, and would do so with a sparse tensor wherever it takes a product for one.
    """

    def compute_output_spec(self, inputs: Tensor, *_: object, **__: object) -> object:
        return keras.KerasTensor(self.compute_output_shape(inputs.shape), inputs.dtype)
