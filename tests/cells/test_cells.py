"""Every cell case against MindSpore's golden numbers."""

import numpy as np
import pytest

from declspore.lower.binding import binding_of
from declspore.lower.network import compile_network
from declspore.registry.kind import Kind
from declspore.registry.table import vocabulary
from tests.conftest import GOLDEN
from tests.gradients import along, gradients
from tests.oracle import inputs
from tests.oracle.cells import CELLS, WRONG_GRADIENTS, limit
from tests.support import closeness, network_of


@pytest.fixture(scope="module")
def golden():
    with np.load(GOLDEN / "cells.npz") as data:
        return dict(data)


def _filled(case: str, data_format: str = "channels_first"):
    spec, _, shape, *whole = CELLS[case]
    network = network_of(spec, shape, "i32" if whole else "f32")
    model = compile_network(network, data_format=data_format)
    binding = binding_of(model)
    for parameter in binding.parameters:
        name = parameter.name.removeprefix("wrapper.")
        parameter.storage.write(inputs.parameter(name, parameter.shape))
    return model, binding, inputs.entering(CELLS[case], case)


def word_of(case: str) -> tuple[str, str]:
    word = CELLS[case][0].partition("(")[0]
    return vocabulary().of(Kind, word).family, word


def _named(golden, case: str, part: str) -> dict[str, np.ndarray]:
    prefix = f"{case}/{part}/"
    return {key[len(prefix) :]: value for key, value in golden.items() if key.startswith(prefix)}


@pytest.mark.parametrize("case", [case for case in CELLS if len(CELLS[case][2]) == 4])
def test_channels_last(case, golden):
    model, _, x = _filled(case, "channels_last")
    expected = golden[f"{case}/eval"]
    if expected.ndim >= 4:
        expected = np.moveaxis(expected, 1, -1)
    found = model.predict_on_batch(x.transpose(0, 2, 3, 1))
    assert closeness(found, expected) < limit(CELLS[case][0])[0]


@pytest.mark.parametrize("case", CELLS)
def test_cell(case, golden, parity, forward_alone):
    """Names and forward; then gradients along a fixed direction, and the moving statistics after
    two training steps (with use_batch_statistics, eval moves them too)."""
    model, binding, x = _filled(case)
    assert [n.removeprefix("wrapper.") for n in binding] == list(golden[f"{case}/names"])
    most, why = limit(CELLS[case][0])
    found = model.predict_on_batch(x)
    parity.close(word_of(case), case, "forward", found, golden[f"{case}/eval"], most)
    if why:
        parity.deviation(word_of(case), why)
    if forward_alone or "Dropout" in CELLS[case][0]:  # which is drawn
        return

    def total(given):
        return along(model(given[0], training=True), f"{case} direction")

    trained = {p.name.removeprefix("wrapper."): p.storage for p in binding.trainable}
    variables = [storage.variable for storage in trained.values()]
    [of_input], of_weights = gradients(total, [x], variables)
    if case in WRONG_GRADIENTS:
        parity.deviation(word_of(case), WRONG_GRADIENTS[case])
    elif f"{case}/input_gradient" in golden:
        expected = golden[f"{case}/input_gradient"]
        parity.close(word_of(case), case, "input gradient", of_input, expected, most)
    if f"{case}/input_gradient" not in golden and not _named(golden, case, "gradient"):
        return  # MindSpore has no gradients for it
    expected = _named(golden, case, "gradient")
    assert list(expected) == list(trained)
    for (name, storage), gradient in zip(trained.items(), of_weights, strict=True):
        found = storage.layout.from_keras(gradient, storage.shape)
        parity.close(word_of(case), case, "gradient", found, expected[name])
    model(x, training=True)
    for name, value in _named(golden, case, "moved").items():
        moved = binding[f"wrapper.{name}"].read()
        parity.close(word_of(case), case, "statistics", moved, value)
