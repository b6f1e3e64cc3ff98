"""Files of Keras's own layers: every layer of ours has one that gives its outputs in eval."""

import inspect
import re

import keras
import numpy as np
import pytest

from declspore.lower import convolution, layers, random, recurrent, shaping
from declspore.lower.binding import binding_of
from declspore.lower.network import compile_network
from declspore.lower.plain import plain_keras
from tests.conftest import ROOT
from tests.oracle import inputs
from tests.oracle.cells import CELLS
from tests.support import (
    checked,
    closeness,
    keep_plain,
    network_of,
    opened_without_declspore,
    outputs,
)

NETWORKS = {
    "norms": (
        """
  conv = Conv2d(3, 4, 3)
  plain = BatchNorm2d(4, eps = 0.01)
  fixed = BatchNorm2d(4, affine = false)
  batch = BatchNorm2d(4, use_batch_statistics = true)
  moving = BatchNorm2d(4, use_batch_statistics = false)
  one = PReLU()
  each = PReLU(4)
  construct(x: f32[B, 3, H, W]) {
    x = x |> conv |> plain |> one |> fixed |> each |> moving
    return x, batch(x)
  }""",
        [(2, 3, 5, 6)],
    ),
    "flat": (
        """
  norm = BatchNorm1d(4)
  slope = PReLU(4)
  construct(x: f32[B, 4]) = x |> norm |> slope""",
        [(5, 4)],
    ),
    "parameters": (
        """
  scale = Parameter([2, 3], init = "ones")
  shift = Parameter([3], requires_grad = false)
  construct(x: f32[B, 2, 3]) = x * scale + shift""",
        [(4, 2, 3)],
    ),
    "transposed": (
        """
  groups = Conv2dTranspose(4, 6, 3, stride = 2, group = 2, has_bias = true)
  gaps = Conv2dTranspose(6, 4, [2, 3], dilation = 2, pad_mode = "valid")
  construct(x: f32[B, 4, 5, 6]) = x |> groups |> gaps""",
        [(2, 4, 5, 6)],
    ),
    "attention": (
        """
  layer = TransformerEncoderLayer(8, 2, dim_feedforward = 16)
  construct(x: f32[5, 3, 8]) = layer(x)""",
        [(5, 3, 8)],
    ),
    "sequences": (
        """
  lstm = LSTM(4, 6, num_layers = 2, batch_first = true, bidirectional = true)
  gru = GRU(12, 5, batch_first = true, bidirectional = true)
  bare = GRU(10, 5, has_bias = false)
  rnn = RNN(5, 4, nonlinearity = "relu", has_bias = false)
  construct(x: f32[3, 7, 4]) {
    a, h, c = lstm(x, seq_length = full([3], 5, dtype = i32))
    b, g = gru(a)
    d, e = bare(b)
    f, i = rnn(d)
    return f, h, c, g, e, i
  }""",
        [(3, 7, 4)],
    ),
    "begun": (
        """
  lstm = LSTM(4, 3, bidirectional = true)
  two = BiDense(4, 5, 6)
  construct(x: f32[3, 2, 4], h: f32[2, 2, 3], c: f32[2, 2, 3], y: f32[3, 2, 5]) {
    a, b, d = lstm(x, h = h, c = c)
    return a, d, two(x, y)
  }""",
        [(3, 2, 4), (2, 2, 3), (2, 2, 3), (3, 2, 5)],
    ),
    "steps": (
        """
  lstm = LSTMCell(4, 6)
  gru = GRUCell(6, 5)
  rnn = RNNCell(5, 4)
  construct(x: f32[B, 4], h: f32[B, 6], c: f32[B, 6], g: f32[B, 5], r: f32[B, 4]) {
    a, b = lstm(x, h, c)
    return b, rnn(gru(a, g), r)
  }""",
        [(3, 4), (3, 6), (3, 6), (3, 5), (3, 4)],
    ),
}


def _filled(name):
    text, shapes = NETWORKS[name]
    network = checked(f"network Net() {{{text}\n}}").networks["Net"]
    model = compile_network(network)
    for parameter in binding_of(model).parameters:
        parameter.storage.write(inputs.parameter(parameter.name, parameter.shape))
    return model, [inputs.numbers(shape, f"{name} {i}") for i, shape in enumerate(shapes)]


@pytest.fixture(scope="module")
def models():
    return {name: _filled(name) for name in NETWORKS}


@pytest.mark.parametrize("name", NETWORKS)
def test_twins(name, models):
    model, given = models[name]
    plain = plain_keras(model)
    homes = {type(part).__module__.partition(".")[0] for part in plain.operations}
    assert homes == {"keras"}
    cells = [part.cell for part in plain.layers if isinstance(part, keras.layers.RNN)]
    assert all(type(cell).__module__.startswith("keras.") for cell in cells)
    for found, expected in zip(outputs(plain, *given), outputs(model, *given), strict=True):
        assert closeness(found, expected) < 1e-6


@pytest.fixture(scope="module")
def cells():
    """By the word of each cell that is compared with MindSpore, its first case."""
    found = {}
    for case, (spec, _, shape, *whole) in reversed(CELLS.items()):
        found[spec.partition("(")[0]] = (case, spec, shape, "i32" if whole else "f32")
    return {
        word: (compile_network(network_of(spec, shape, kind)), [inputs.entering(CELLS[case], case)])
        for word, (case, spec, shape, kind) in sorted(found.items())
    }


def test_files_open_without_declspore(models, cells, tmp_path):
    everything = models | cells
    for name, (model, given) in everything.items():
        keep_plain(model, given, outputs(model, *given), tmp_path / f"{name}.keras")
    errors = opened_without_declspore(tmp_path)
    assert set(errors) == set(everything)
    assert max(errors.values()) < 1e-6, errors


def test_the_docs_list_the_cells_that_need_layers_of_ours(models, cells):
    page = (ROOT / "docs" / "python.md").read_text()
    rows = re.findall(r"^\| `(\w+)` \| (`\w+`(?:, `\w+`)*) \|", page, re.MULTILINE)
    listed = {(word, kind) for kind, words in rows for word in re.findall(r"\w+", words)}
    texts = {text: models[name][0] for name, (text, _) in NETWORKS.items()}
    alone = {word: model for word, (model, _) in cells.items() if word != "SequentialCell"}
    grouped = ["Conv1dTranspose(4, 4, 3, group = 2)", "Conv2dTranspose(4, 4, 3, group = 2)"]
    grouped += ["Conv3dTranspose(4, 4, 3, group = 2)", "RReLU()"]
    grouped += ["Conv2dBnAct(4, 4, 3, has_bn = true)", "DenseBnAct(4, 4, has_bn = true)"]
    shapes = [(2, 4, *(5,) * n) for n in (1, 2, 3, 1, 2, 0)]
    for spec, shape in zip(grouped, shapes, strict=True):
        alone[spec] = compile_network(network_of(spec, shape))
    found = {(text.partition("(")[0], kind) for text, m in alone.items() for kind in _ours(m)}
    for text, model in texts.items():
        for kind in _ours(model):
            words = set(re.findall(r"= (\w+)\(", text)) & {w for w, k in listed if k == kind}
            found |= {(word, kind) for word in words}
    assert found == listed


def _ours(model):
    """The names of the layers of ours in a model, among them the steps that Keras's RNN runs."""
    kinds = {type(getattr(part, "cell", part)) for part in model.layers}
    return {kind.__name__ for kind in kinds if kind.__module__.startswith("declspore.")}


def test_it_shares_no_variable(models):
    model, given = models["flat"]
    before = outputs(model, *given)[0]
    plain = plain_keras(model)
    for variable in plain.weights:
        variable.assign(variable * 0.0)
    np.testing.assert_array_equal(outputs(model, *given)[0], before)


def test_every_layer_of_ours_is_tried(models):
    """All but those that no layer of Keras does."""
    ours = {
        kind.__name__
        for module in (convolution, layers, random, recurrent, shaping)
        for _, kind in inspect.getmembers(module, inspect.isclass)
        if kind.__module__ == module.__name__ and issubclass(kind, keras.layers.Layer)
    }
    met = set().union(*(_ours(model) for model, _ in models.values()))
    without = {"DynamicReshape", "DynamicBroadcast", "RandomLike", "RandomSlope", "ScaleShift"}
    without.add("SharedDropout")  # only while devices share a batch
    assert ours - met == without


def test_layers_without_a_twin_are_named():
    text = """
network N() {
  slope = RReLU()
  construct(x: f32[B, 4, H, W]) = x |> slope |> reshape([B, 2, 2, H, W])
}"""
    model = compile_network(checked(text).networks["N"])
    with pytest.raises(ValueError, match=r"slope \(RandomSlope\).*DynamicReshape"):
        plain_keras(model)
