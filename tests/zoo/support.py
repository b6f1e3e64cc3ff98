"""The library's networks trained as tests/oracle/generate_zoo.py trains MindSpore's."""

import gzip
import json
from dataclasses import dataclass

import keras
import numpy as np

from declspore import Model, save_checkpoint
from declspore import nn as ours
from declspore.check.check import check
from declspore.lower.binding import binding_of
from declspore.lower.network import compile_network
from declspore.source import Source
from tests.checkpoint.support import opened
from tests.conftest import GOLDEN, SPECS
from tests.oracle.training import NETWORKS, ROWS, batches, summary, value
from tests.oracle.zoo import APPENDED

CLOSE = 1e-4
FLOOR = 1e-2
"""Entries smaller than this are compared as if they were so large."""


def network(row):
    """The checked network of a row ``(spec, call, ...)``."""
    spec, call, *_ = row
    text = f'spec 1\nimport "{SPECS / spec}" as zoo\nnetwork Chosen() = zoo.{call}\n'
    return check(Source("zoo", text)).networks["Chosen"]


@dataclass(frozen=True)
class Trained:
    """Losses of ten steps and the entries of the checkpoint after them, by MindSpore's names."""

    losses: list[float]
    entries: dict[str, np.ndarray]

    def summaries(self):
        return {key: summary(key, entry) for key, entry in self.entries.items()}


def theirs(name):
    """MindSpore's: losses, names and shapes of the entries, and their summaries."""
    names = json.loads(gzip.decompress((GOLDEN / "zoo_training.json.gz").read_bytes()))
    with np.load(GOLDEN / "zoo_training.npz") as golden:
        return golden[f"{name}/losses"], names[name], golden[f"{name}/entries"]


def _called(name, parameters):
    """MindSpore's names of the parameters, by ours."""
    if name not in APPENDED:
        return {parameter.name: parameter.name for parameter in parameters}
    tables = json.loads(gzip.decompress((GOLDEN / "zoo.json.gz").read_bytes()))
    pairs = zip(parameters, tables[name], strict=True)
    return {parameter.name: their for parameter, (their, *_) in pairs}


def trained(name, folder):
    """Ten steps of a row by fit's own step, saved to a checkpoint of MindSpore's format."""
    row = ROWS[name]
    model = compile_network(network(NETWORKS[name]))
    parameters = binding_of(model).parameters
    called = _called(name, parameters)
    for parameter in parameters:
        parameter.storage.write(value(name, called[parameter.name], parameter.shape))
    for layer in model.layers:
        if isinstance(layer, keras.layers.Dropout):
            layer.rate = 0.0  # what is dropped cannot be made equal
    (word, given), (loss, options) = row.optimizer, row.loss
    optimizer = getattr(ours, word)(model.trainable_params(), **given)
    of_output = getattr(ours, loss)(**options)
    single = model
    if len(model.outputs) > 1:
        single = keras.Model(model.inputs, model.outputs[row.output])
    single.compile(optimizer=optimizer, loss=of_output, jit_compile=False)
    losses = []
    for entering, label in batches(name):
        single.reset_metrics()
        found = single.train_on_batch(entering if entering[1:] else entering[0], label)
        losses.append(float(found))
    save_checkpoint(Model(model, of_output, optimizer).train_network, folder / "net.ckpt")
    with opened(folder / "net.ckpt") as file:
        entries = {_translated(e.name, called): file.array(e.name) for e in file.header}
    return Trained(losses, entries)


def _translated(entry, called):
    """MindSpore's name of an entry: a parameter's, or a slot's behind its prefix."""
    if entry in called:
        return called[entry]
    prefix, _, rest = entry.partition(".")
    return f"{prefix}.{called[rest]}" if rest in called else entry


def variant(name):
    """A row in the words of the page."""
    spec, call, *_ = NETWORKS[name]
    row = ROWS[name]
    sizes = row.shape if isinstance(row.shape, list) else [row.shape]
    entering = ", ".join("x".join(map(str, size)) for size in sizes)
    word, given = row.optimizer
    return f"{spec.rpartition('/')[2]} {call}: {word}({given['learning_rate']}) of {entering}"
