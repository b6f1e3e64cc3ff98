"""Every cell case against MindSpore's golden numbers."""

import keras
import numpy as np
import pytest
from keras import ops

from declspore.lower.binding import binding_of
from declspore.lower.network import compile_network
from tests.conftest import GOLDEN
from tests.oracle import inputs
from tests.oracle.cases import CELLS
from tests.oracle.cells import WRONG_GRADIENTS
from tests.support import closeness, network_of

CLOSE = 1e-5


@pytest.fixture(scope="module")
def golden():
    with np.load(GOLDEN / "cells.npz") as data:
        return dict(data)


def _filled(case: str, data_format: str = "channels_first"):
    spec, _, shape, *limit = CELLS[case]
    network = network_of(spec, shape, "i32" if limit else "f32")
    model = compile_network(network, data_format=data_format)
    binding = binding_of(model)
    for parameter in binding.parameters:
        name = parameter.name.removeprefix("wrapper.")
        parameter.storage.write(inputs.parameter(name, parameter.shape))
    return model, binding, inputs.entering(CELLS[case], case)


def _word(case: str) -> tuple[str, str]:
    return "cell", CELLS[case][0].partition("(")[0]


def _named(golden, case: str, part: str) -> dict[str, np.ndarray]:
    prefix = f"{case}/{part}/"
    return {key[len(prefix) :]: value for key, value in golden.items() if key.startswith(prefix)}


@pytest.mark.parametrize("case", CELLS)
def test_eval(case, golden, parity):
    model, _, x = _filled(case)
    parity.close(_word(case), case, "forward", model.predict_on_batch(x), golden[f"{case}/eval"])


@pytest.mark.parametrize("case", [case for case in CELLS if len(CELLS[case][2]) == 4])
def test_channels_last(case, golden):
    model, _, x = _filled(case, "channels_last")
    expected = golden[f"{case}/eval"]
    if expected.ndim == 4:
        expected = expected.transpose(0, 2, 3, 1)
    found = model.predict_on_batch(x.transpose(0, 2, 3, 1))
    assert closeness(found, expected) < CLOSE


@pytest.mark.parametrize("case", CELLS)
def test_parameter_names(case, golden):
    _, binding, _ = _filled(case)
    found = [name.removeprefix("wrapper.") for name in binding]
    assert found == list(golden[f"{case}/names"])


@pytest.mark.parametrize("case", [case for case in CELLS if case != "dropout"])
def test_training(case, golden, parity):
    """Gradients along a fixed direction, and the moving statistics after two training steps."""
    if keras.backend.backend() != "tensorflow":
        pytest.skip("gradients are taken with TensorFlow's tape")
    import tensorflow as tf

    model, binding, x = _filled(case)
    model(x, training=False)  # with use_batch_statistics, this too moves the statistics
    entered = tf.constant(x)
    with tf.GradientTape() as tape:
        if x.dtype == np.float32:
            tape.watch(entered)
        result = model(entered, training=True)
        loss = ops.sum(result * inputs.numbers(result.shape, f"{case} direction"))
    trained = {p.name.removeprefix("wrapper."): p.storage for p in binding.trainable}
    variables = [storage.variable.value for storage in trained.values()]
    of_input, *of_weights = tape.gradient(loss, [entered, *variables])
    if case in WRONG_GRADIENTS:
        parity.deviation(_word(case), WRONG_GRADIENTS[case])
    elif f"{case}/input_gradient" in golden:
        expected = golden[f"{case}/input_gradient"]
        parity.close(_word(case), case, "input gradient", of_input, expected)
    if f"{case}/input_gradient" not in golden and not _named(golden, case, "gradient"):
        return  # MindSpore has no gradients for it
    expected = _named(golden, case, "gradient")
    assert list(expected) == list(trained)
    for (name, storage), gradient in zip(trained.items(), of_weights, strict=True):
        held = np.asarray(tf.convert_to_tensor(gradient))
        found = storage.layout.from_keras(held, storage.shape)
        parity.close(_word(case), case, "gradient", found, expected[name])
    model(x, training=True)
    for name, value in _named(golden, case, "moved").items():
        moved = binding[f"wrapper.{name}"].read()
        parity.close(_word(case), case, "statistics", moved, value)
