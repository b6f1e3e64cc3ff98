"""Optimizers and schedules against MindSpore's golden numbers, and as Keras optimizers."""

import keras
import numpy as np
import pytest

from declspore import nn
from declspore.ir.dtype import FLOAT32
from declspore.ir.layout import TRANSPOSED, Layout
from declspore.lower.binding import VariableStorage
from declspore.registry.schedule import ScheduleKind
from declspore.registry.table import vocabulary
from declspore.tensor import Parameter
from tests.conftest import GOLDEN
from tests.oracle import inputs
from tests.oracle.optimizers import GROUPED, LISTS, OPTIMIZERS, SCHEDULES
from tests.support import checked, problems

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


CASES = {**OPTIMIZERS, **GROUPED}


def _argument(value):
    scheduled = isinstance(value, list) and isinstance(value[0], str)
    return getattr(nn, value[0])(*value[1]) if scheduled else value


def _made(case, parameters):
    word, given, *grouped = CASES[case]
    arguments = {name: _argument(value) for name, value in given.items()}
    by_name = {parameter.name: parameter for parameter in parameters}
    for groups in grouped:
        parameters = [
            {
                key: [by_name[n] for n in value] if key.endswith("params") else _argument(value)
                for key, value in group.items()
            }
            for group in groups
        ]
    return getattr(nn, word)(parameters, **arguments)


@pytest.fixture(scope="module")
def golden():
    with np.load(GOLDEN / "optimizers.npz") as data:
        return dict(data)


@pytest.mark.parametrize("case", CASES)
def test_trajectory(case, golden, parity):
    """Ten steps, and the state as MindSpore names, orders and holds it."""
    parameters, word = _parameters(), ("optimizer", CASES[case][0])
    optimizer = _made(case, parameters)
    for step in range(10):
        _step(optimizer, parameters, step)
    for parameter in parameters:
        expected = golden[f"{case}/{parameter.name}"]
        for compared in (word, ("group", "Group"))[: 1 + (case in GROUPED)]:
            parity.close(compared, case, "trajectory", parameter.asnumpy(), expected, 1e-5)
    assert [p.name for p in optimizer.parameters] == list(golden[f"{case}/order"])
    state = optimizer.state()
    names = list(golden[f"{case}/state"])
    if case == "momentum_rates":  # MindSpore lists the rate early but saves it last
        names.sort(key="learning_rate".__eq__)
    assert list(state) == names
    for name, parameter in state.items():
        expected = golden[f"{case}/state/{name}"]
        assert parameter.asnumpy().dtype == expected.dtype
        parity.close(word, case, "state", parameter.asnumpy(), expected, 1e-5)


@pytest.mark.parametrize("case", CASES)
def test_configuration(case):
    """It survives Keras's serialisation, and goes on from a state that is written into it."""
    parameters = _parameters()
    optimizer = _made(case, parameters)
    again = keras.optimizers.deserialize(keras.optimizers.serialize(optimizer))
    assert again.get_config() == optimizer.get_config()
    _step(optimizer, parameters, 0)
    others = _parameters()
    resumed = _made(case, others)
    for mine, theirs in zip(parameters, others, strict=True):
        theirs.storage.write(mine.asnumpy())
    for name, entry in resumed.state().items():
        entry.storage.write(optimizer.state()[name].asnumpy())
    _step(optimizer, parameters, 1)
    _step(resumed, others, 1)
    for mine, theirs in zip(parameters, others, strict=True):
        np.testing.assert_array_equal(mine.asnumpy(), theirs.asnumpy())


def test_lamb_follows_the_source(parity):
    """MindSpore's CPU has no kernel for it."""
    parameters = _parameters()
    optimizer = nn.Lamb(parameters, 0.1, weight_decay=0.01)
    weight = inputs.numbers(SHAPES["weight"], "weight").astype(np.float64)
    first = second = 0.0
    for step in range(3):
        gradient = inputs.numbers(SHAPES["weight"], f"weight {step}").astype(np.float64)
        first = 0.9 * first + 0.1 * gradient
        second = 0.999 * second + 0.001 * gradient**2
        m, v = first / (1 - 0.9 ** (step + 1)), second / (1 - 0.999 ** (step + 1))
        change = m / (np.sqrt(v) + 1e-6) + 0.01 * weight
        reach = np.linalg.norm(m / np.sqrt(v + 1e-6) + 0.01 * weight)
        ratio = min(np.linalg.norm(weight) / reach, 10.0)
        weight = weight - 0.1 * ratio * change
        _step(optimizer, parameters, step)
    word = ("optimizer", "Lamb")
    parity.close(word, "formula", "trajectory", parameters[0].asnumpy(), weight, 1e-5)
    parity.deviation(word, "By MindSpore's Python source: its CPU has no kernel.")
    assert list(optimizer.state())[2:4] == ["lamb_m.weight", "lamb_m.gamma"]


def test_centralised_gradients_follow_the_source(parity):
    """A kernel [3, 3, in, out] in Keras is [out, in, 3, 3] in MindSpore, whose first axis stays."""
    shapes = {"conv.weight": (4, 16, 3, 3), "fc.weight": (5, 6)}
    layouts = {"conv.weight": Layout(order=(2, 3, 1, 0)), "fc.weight": TRANSPOSED}
    parameters, weights = [], {}
    for name, shape in shapes.items():
        weights[name] = inputs.numbers(shape, name)
        variable = keras.Variable(layouts[name].to_keras(weights[name]))
        storage = VariableStorage(shape, FLOAT32, variable, layouts[name])
        parameters.append(Parameter.backed(name, storage))
    groups = [{"params": parameters, "grad_centralization": True}]
    optimizer = nn.SGD(groups, 0.1)
    gradients = {name: inputs.numbers(shape, f"{name} 0") for name, shape in shapes.items()}
    held = [keras.ops.convert_to_tensor(layouts[n].to_keras(g)) for n, g in gradients.items()]
    optimizer.apply(held, [p.storage.variable for p in parameters])
    for parameter in parameters:
        gradient = gradients[parameter.name]
        if parameter.shape[1] % 16 == 0:
            gradient = gradient - gradient.mean(axis=(1, 2, 3), keepdims=True)
        expected = weights[parameter.name] - 0.1 * gradient
        found = parameter.asnumpy()
        parity.close(("group", "Group"), "grad_centralization by formula", "step", found, expected)


def test_lars_follows_its_formula(parity):
    """MindSpore's CPU has no kernel for it. Its state is as MindSpore names it."""
    parameters = _parameters()
    optimizer = nn.LARS(nn.Momentum(parameters, 0.5, 0.9, weight_decay=0.01), coefficient=0.02)
    found = {name: inputs.numbers(s, name).astype(np.float64) for name, s in SHAPES.items()}
    moments = dict.fromkeys(SHAPES, 0.0)
    for step in range(10):
        for name, shape in SHAPES.items():
            weight, gradient = found[name], inputs.numbers(shape, f"{name} {step}")
            decay = 0.01 if name == "weight" else 0.0
            if name != "bias":
                length, steep = np.linalg.norm(weight), np.linalg.norm(gradient)
                trust = 0.02 * length / (steep + decay * length + 1e-5)
                gradient = (gradient + decay * weight) * trust
            moments[name] = 0.9 * moments[name] + gradient
            found[name] = weight - 0.5 * moments[name]
        _step(optimizer, parameters, step)
    word = ("optimizer", "LARS")
    for parameter in parameters:
        expected = found[parameter.name]
        parity.close(word, "Momentum by formula", "trajectory", parameter.asnumpy(), expected, 1e-5)
    parity.deviation(word, "By its documented formula: MindSpore's CPU has no kernel.")
    assert list(optimizer.state())[:6] == [
        *("global_step", "fake_lr", "fake_param", "learning_rate", "momentum", "moments.weight")
    ]
    again = keras.optimizers.deserialize(keras.optimizers.serialize(optimizer))
    assert again.get_config() == optimizer.get_config()


def _loop(slot, update, **arguments):
    """Ten steps of a formula for one weight, in float64."""
    weight = inputs.numbers(SHAPES["weight"], "weight").astype(np.float64)
    state = np.full(weight.shape, slot) if np.isscalar(slot) else slot
    for step in range(10):
        gradient = inputs.numbers(SHAPES["weight"], f"weight {step}").astype(np.float64)
        weight, state = update(weight, gradient, state, **arguments)
    return weight


def test_ftrl_follows_the_documented_formula(parity):
    """With l1, MindSpore's CPU takes the wrong sign where the sum of gradients is negative."""
    parameters = _parameters()
    optimizer = nn.FTRL(parameters, learning_rate=0.1, l1=0.5)

    def update(weight, gradient, state):
        old, linear = state
        new = old + gradient**2
        linear = linear + gradient - (np.sqrt(new) - np.sqrt(old)) / 0.1 * weight
        shrunk = np.sign(linear) * np.maximum(np.abs(linear) - 0.5, 0)
        return -shrunk / (np.sqrt(new) / 0.1), (new, linear)

    expected = _loop((np.full((4, 3), 0.1), np.zeros((4, 3))), update)
    for step in range(10):
        _step(optimizer, parameters, step)
    word, found = ("optimizer", "FTRL"), parameters[0].asnumpy()
    parity.close(word, "l1 by formula", "trajectory", found, expected, 1e-5)
    parity.deviation(
        word, "With l1, MindSpore's CPU errs in a sign; the documented formula is followed."
    )


# ---- schedules


@pytest.mark.parametrize("case", SCHEDULES)
def test_schedule(case, parity):
    word, given = SCHEDULES[case]
    rate = vocabulary().of(ScheduleKind, word).rate
    term = getattr(nn, word)(*given)
    steps = [keras.ops.convert_to_tensor(step, "float32") for step in range(12)]
    found = [float(rate(keras.ops, term.arguments, step)) for step in steps]
    with np.load(GOLDEN / "schedules.npz") as expected:
        parity.close(("schedule", word), case, "rates", found, expected[case], 1e-6)


@pytest.mark.parametrize("case", LISTS)
def test_rate_list(case, parity):
    word, given = LISTS[case]
    with np.load(GOLDEN / "schedules.npz") as expected:
        found = getattr(nn, word)(*given)
        parity.close(("rates", word), case, "rates", found, expected[f"list/{case}"], 1e-12)


def test_rate_lists_in_a_spec():
    spec = checked("let rates = warmup_lr(0.1, 6, 2, 2)\noptimizer o = SGD(rates)")
    (optimizer,) = [d for d in spec.module.spec.declarations if d.name.text == "o"]
    term = spec.module.scope.bindings["o"].compute
    assert optimizer is not None
    assert term is None or term().arguments.learning_rate == (0.0, 0.0, 0.05, 0.05, 0.1, 0.1)
    assert problems("let rates = piecewise_constant_lr([5, 2], [0.1, 0.2])") == [
        "E306 2 piecewise_constant_lr: milestones must rise"
    ]


def test_nesterov_follows_the_documented_formula(parity):
    parameters = _parameters()
    optimizer = nn.Momentum(parameters, 0.1, 0.9, use_nesterov=True)
    weight, moment = inputs.numbers(SHAPES["weight"], "weight"), 0.0
    for step in range(3):
        gradient = inputs.numbers(SHAPES["weight"], f"weight {step}")
        moment = 0.9 * moment + gradient
        weight = weight - 0.1 * (gradient + 0.9 * moment)
        _step(optimizer, parameters, step)
    word, found = ("optimizer", "Momentum"), parameters[0].asnumpy()
    parity.close(word, "use_nesterov by formula", "trajectory", found, weight, 1e-5)
    parity.deviation(
        word, "MindSpore's CPU ignores use_nesterov; the documented formula is followed."
    )


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
