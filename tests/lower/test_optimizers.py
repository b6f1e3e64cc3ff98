"""Momentum against MindSpore's golden trajectories, and as a Keras optimizer."""

import keras
import numpy as np
import pytest

from declspore import nn
from declspore.ir.dtype import FLOAT32
from declspore.lower.binding import VariableStorage
from declspore.tensor import Parameter
from tests.conftest import GOLDEN
from tests.oracle import inputs
from tests.oracle.cases import MOMENTUMS
from tests.support import closeness

SHAPES = {"weight": (4, 3), "gamma": (3,), "bias": (3,)}


def _parameters():
    found = []
    for name, shape in SHAPES.items():
        variable = keras.Variable(inputs.numbers(shape, name), name=name)
        found.append(Parameter.backed(name, VariableStorage(shape, FLOAT32, variable)))
    return found


def _step(optimizer, parameters, step):
    gradients = [
        keras.ops.convert_to_tensor(inputs.numbers(p.shape, f"{p.name} {step}")) for p in parameters
    ]
    optimizer.apply(gradients, [p.storage.variable for p in parameters])


@pytest.mark.parametrize("case", MOMENTUMS)
def test_trajectory(case):
    """Ten steps, and the state as MindSpore names, orders and holds it."""
    parameters = _parameters()
    optimizer = nn.Momentum(parameters, **MOMENTUMS[case])
    for step in range(10):
        _step(optimizer, parameters, step)
    with np.load(GOLDEN / "momentum.npz") as golden:
        for parameter in parameters:
            expected = golden[f"{case}/{parameter.name}"]
            assert closeness(parameter.asnumpy(), expected) < 1e-5
        state = optimizer.state()
        if case != "rates":  # there MindSpore lists the rate early but saves it last
            assert list(state) == list(golden[f"{case}/state"])
        for name, parameter in state.items():
            expected = golden[f"{case}/state/{name}"]
            assert parameter.asnumpy().dtype == expected.dtype
            assert closeness(parameter.asnumpy(), expected) < 1e-5


def test_nesterov_follows_the_documented_formula():
    parameters = _parameters()
    optimizer = nn.Momentum(parameters, 0.1, 0.9, use_nesterov=True)
    weight, moment = inputs.numbers(SHAPES["weight"], "weight"), 0.0
    for step in range(3):
        gradient = inputs.numbers(SHAPES["weight"], f"weight {step}")
        moment = 0.9 * moment + gradient
        weight = weight - 0.1 * (gradient + 0.9 * moment)
        _step(optimizer, parameters, step)
    assert closeness(parameters[0].asnumpy(), weight) < 1e-5


def test_in_keras_fit():
    """A plain Keras model trains with it, and its configuration survives serialisation."""
    keras.utils.set_random_seed(0)
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(1, use_bias=False)])
    parameters = _parameters()
    optimizer = keras.optimizers.deserialize(
        keras.optimizers.serialize(nn.Momentum(parameters, 0.05, 0.9, weight_decay=0.01))
    )
    model.compile(optimizer=optimizer, loss="mse")
    x = inputs.numbers((64, 3), "x")
    y = x @ np.array([[1.0], [-2.0], [0.5]], np.float32)
    history = model.fit(x, y, epochs=20, batch_size=16, verbose=0)
    assert history.history["loss"][-1] < 0.05 * history.history["loss"][0]


def test_wrong_parameters():
    with pytest.raises(TypeError, match="trainable_params"):
        nn.Momentum([], 0.1, 0.9)
    with pytest.raises(TypeError, match="belongs to no network"):
        nn.Momentum([Parameter(np.zeros(3, np.float32), name="x")], 0.1, 0.9)
    with pytest.raises(TypeError, match="momentum"):
        nn.Momentum(_parameters(), 0.1)
    with pytest.raises(ValueError, match="learning_rate"):
        nn.Momentum(_parameters(), -0.1, 0.9)
