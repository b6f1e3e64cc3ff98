"""Models of Keras that were opened again, as runtimes."""

from __future__ import annotations

from collections.abc import Sequence

import keras

from declspore.exports.format import Runtime
from declspore.ir.tensors import Array
from declspore.registry.builder import Layer


def runtime_of(model: Layer) -> Runtime:
    """A model of Keras as a runtime."""

    def run(inputs: Sequence[Array]) -> Sequence[Array]:
        found = model(list(inputs) if len(inputs) > 1 else inputs[0], training=False)
        several = found if isinstance(found, list | tuple) else [found]
        return [keras.ops.convert_to_numpy(one) for one in several]

    return run
