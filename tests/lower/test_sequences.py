"""Cells of sequences against MindSpore's golden numbers: outputs, states, gradients, names."""

import keras
import numpy as np
import pytest

from declspore.lower.binding import binding_of
from declspore.lower.network import compile_network
from tests.conftest import GOLDEN
from tests.oracle import inputs
from tests.oracle.sequences import SEQUENCES
from tests.support import checked


@pytest.fixture(scope="module")
def golden():
    with np.load(GOLDEN / "sequences.npz") as data:
        return dict(data)


def _formal(name, shape, first):
    if isinstance(shape, list):
        return f"{name}: i32[{shape[0][0]}]"
    batch = "B" if shape[0] == first[0] else str(shape[0])
    return f"{name}: f32[{', '.join([batch, *map(str, shape[1:])])}]"


def _filled(case):
    spec, _, call, _, shapes = SEQUENCES[case]
    formals = ", ".join(
        _formal(name, shape, shapes[0]) for name, shape in zip("xyz", shapes, strict=False)
    )
    text = f"network Net() {{\n  cell = {spec}\n  construct({formals}) = {call}\n}}"
    network = checked(_several(case, text)).networks["Net"]
    model = compile_network(network)
    binding = binding_of(model)
    for parameter in binding.parameters:
        parameter.storage.write(inputs.parameter(parameter.name, parameter.shape))
    return model, binding, inputs.sequences(case, shapes)


def _several(case, text):
    """The network with every result of the call as an output."""
    names = {
        "LSTM(": "a, b, c",
        "LSTMCell(": "a, b",
        "RNNCell(": "a",
        "GRUCell(": "a",
        "MultiheadAttention(": "a, b",
        "Transformer": "a",
    }
    spec, _, call, *_ = SEQUENCES[case]
    taken = next((n for word, n in names.items() if spec.startswith(word)), "a, b")
    return text.replace(f"= {call}\n}}", f"{{\n    {taken} = {call}\n    return {taken}\n  }}\n}}")


def word_of(case) -> tuple[str, str]:
    return "cell", SEQUENCES[case][0].partition("(")[0]


@pytest.mark.parametrize("case", SEQUENCES)
def test_sequence(case, golden, parity):
    word = word_of(case)
    model, binding, given = _filled(case)
    assert list(binding) == list(golden[f"{case}/names"])
    entered = given if len(given) > 1 else given[0]
    results = model(entered)
    results = results if isinstance(results, list | tuple) else [results]
    for index, result in enumerate(map(keras.ops.convert_to_numpy, results)):
        parity.close(word, case, "forward", result, golden[f"{case}/{index}"])
    if keras.backend.backend() != "tensorflow":
        return
    import tensorflow as tf

    with tf.GradientTape() as tape:
        found = model(entered)
        found = found if isinstance(found, list | tuple) else [found]
        total = sum(
            keras.ops.sum(r * inputs.numbers(tuple(r.shape), f"{case} direction {i}"))
            for i, r in enumerate(found)
        )
    variables = [p.storage.variable.value for p in binding.trainable]
    for parameter, gradient in zip(binding.trainable, tape.gradient(total, variables), strict=True):
        expected = golden[f"{case}/gradient/{parameter.name}"]
        held = np.asarray(tf.convert_to_tensor(gradient))
        found = parameter.storage.layout.from_keras(held, parameter.shape)
        parity.close(word, case, "gradient", found, expected)
