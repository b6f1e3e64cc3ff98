"""Ten training steps of the library's networks and the checkpoint after them equal MindSpore's."""

import gzip
import json

import keras
import numpy as np
import pytest

from declspore import Model, save_checkpoint
from declspore import nn as ours
from declspore.check.check import check
from declspore.lower.binding import binding_of
from declspore.lower.network import compile_network
from declspore.source import Source
from tests.checkpoint.support import opened
from tests.conftest import GOLDEN, SPECS
from tests.oracle import inputs
from tests.oracle.training import NETWORKS, TRAINING, batches, summary

CLOSE = 1e-4


@pytest.fixture(scope="module")
def names():
    return json.loads(gzip.decompress((GOLDEN / "zoo_training.json.gz").read_bytes()))


def _model(name):
    spec, call, *_ = NETWORKS[name]
    text = f'spec 1\nimport "{SPECS / spec}" as zoo\nnetwork Chosen() = zoo.{call}\n'
    model = compile_network(check(Source("zoo", text)).networks["Chosen"])
    for parameter in binding_of(model).parameters:
        parameter.storage.write(inputs.parameter(parameter.name, parameter.shape))
    for layer in model.layers:
        if isinstance(layer, keras.layers.Dropout):
            layer.rate = 0.0  # what is dropped cannot be made equal
    return model


@pytest.mark.parametrize("name", TRAINING)
def test_training(name, names, parity, tmp_path):
    row = TRAINING[name]
    model = _model(name)
    (word, given), (loss, options) = row.optimizer, row.loss
    optimizer = getattr(ours, word)(model.trainable_params(), **given)
    of_output = getattr(ours, loss)(**options)
    single = model
    if len(model.outputs) > 1:
        single = keras.Model(model.inputs, model.outputs[row.output])
    single.compile(optimizer=optimizer, loss=of_output)
    losses = []
    for entering, label in batches(name):
        single.reset_metrics()
        losses.append(single.train_on_batch(entering if entering[1:] else entering[0], label))
    save_checkpoint(Model(model, of_output, optimizer).train_network, tmp_path / "net.ckpt")
    with np.load(GOLDEN / "zoo_training.npz") as golden:
        expected, entries = golden[f"{name}/losses"], golden[f"{name}/entries"]
    parity.close(("network", name), NETWORKS[name][0], "losses", losses, expected, CLOSE)
    with opened(tmp_path / "net.ckpt") as file:
        assert [[e.name, list(e.shape)] for e in file.header] == names[name]
        values = {e.name: file.array(e.name) for e in file.header}
    worst = 0.0
    for (key, value), kept in zip(values.items(), entries, strict=True):
        if not any(part in key for part in row.noise):
            error = np.abs(summary(key, value) - kept).max() / max(kept[0], FLOOR)
            worst = max(worst, error)
            assert error < CLOSE, (key, kept, summary(key, value))
    parity.close(("network", name), NETWORKS[name][0], "checkpoint after", worst + 1.0, 1.0, CLOSE)


FLOOR = 1e-2
"""Entries smaller than this are compared as if they were so large."""
