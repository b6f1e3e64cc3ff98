"""A loss of the vocabulary as a layer, within the network of a loss that a spec declares."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import keras
from keras import ops

from declspore.ir.tensors import Tensor
from declspore.ir.term import Arguments
from declspore.lower.entering import of_one_width
from declspore.registry.loss import LossKind
from declspore.registry.table import vocabulary


@keras.saving.register_keras_serializable("declspore")
class LossLayer(keras.layers.Layer):
    """The loss ``word`` of the registry: its tensors in, in MindSpore's order, a number out."""

    def __init__(self, word: str, arguments: Mapping[str, object], **options: object) -> None:
        super().__init__(**{"autocast": False, **options})
        self._word, self._arguments = word, Arguments(arguments)
        self._kind = vocabulary().of(LossKind, word)

    def call(self, inputs: Sequence[Tensor]) -> object:
        return self._kind.compute(ops, self._arguments, *of_one_width(list(inputs)))

    def compute_output_spec(self, inputs: Sequence[Tensor], **_: object) -> object:
        dtypes = [keras.backend.standardize_dtype(one.dtype) for one in inputs]
        floats = [dtype for dtype in dtypes if "float" in dtype]
        return keras.KerasTensor((), (floats or dtypes)[0])

    def get_config(self) -> dict[str, object]:
        own = {"word": self._word, "arguments": dict(self._arguments)}
        return {**super().get_config(), **own}
