"""Outputs of a network and its loss over batches, in eval mode, on any backend."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import keras
import numpy as np
from keras import ops

from declspore.ir.tensors import Array, Columns
from declspore.lower.batches import as_arrays, as_inputs, pairs
from declspore.lower.loss import Loss, Objective


def predict(network: keras.Model, data: object) -> Array | list[Array]:
    """The network's output for one batch, in eval mode, as NumPy arrays: a list of several."""
    return network.predict_on_batch(as_inputs(as_arrays(data)))


def evaluate(
    network: keras.Model, loss: Loss | Objective | None, batches: Iterable[object]
) -> Iterator[tuple[int, Array | list[Array], Columns, Array | None]]:
    """How many samples there are, outputs, labels and loss values (None without a loss) of each
    batch, as NumPy arrays; outputs and labels as a list and a tuple where there are several."""
    for data, label in pairs(batches):
        outputs = predict(network, data)
        labels = as_arrays(label)
        values = None
        if loss is not None:
            values = np.asarray(ops.convert_to_numpy(loss.of_batch(outputs, labels)))
        first = data[0] if isinstance(data, tuple) else data
        yield len(first), outputs, labels, values
