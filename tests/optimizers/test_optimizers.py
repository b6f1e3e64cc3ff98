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


def _variables(parameters):
    return [parameter.storage.variable for parameter in parameters]


def _step(optimizer, parameters, step):
    gradients = [
        keras.ops.convert_to_tensor(inputs.numbers(p.shape, f"{p.name} {step}")) for p in parameters
    ]
    optimizer.apply(gradients, _variables(parameters))


CASES = {**OPTIMIZERS, **GROUPED}
EXACT_RATE = (
    "Next to a group with a schedule MindSpore computes a constant rate as rate + 1 - 1 in float32 "
    "(0.05 becomes 0.04999995); here it is the rate as it is written."
)


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
    if case in GROUPED:
        parity.deviation(("group", "Group"), EXACT_RATE)
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


LAST_OF_ITS_WORD = {row[0]: case for case, row in OPTIMIZERS.items()}


@pytest.mark.parametrize("case", [*LAST_OF_ITS_WORD.values(), *GROUPED])
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
    for step in range(10):
        _step(optimizer, parameters, step)
    word = ("optimizer", "Lamb")
    for parameter in parameters:
        expected = _lamb(parameter.name, 0.01 if parameter.name != "gamma" else 0.0)
        parity.close(word, "formula", "trajectory", parameter.asnumpy(), expected, 1e-5)
    parity.deviation(word, "By MindSpore's Python source: its CPU has no kernel.")
    assert list(optimizer.state())[2:4] == ["lamb_m.weight", "lamb_m.gamma"]


def _lamb(name, decay):
    weight = inputs.numbers(SHAPES[name], name).astype(np.float64)
    first = second = 0.0
    for step in range(10):
        gradient = inputs.numbers(SHAPES[name], f"{name} {step}").astype(np.float64)
        first = 0.9 * first + 0.1 * gradient
        second = 0.999 * second + 0.001 * gradient**2
        m, v = first / (1 - 0.9 ** (step + 1)), second / (1 - 0.999 ** (step + 1))
        change = m / (np.sqrt(v) + 1e-6) + decay * weight
        reach = np.linalg.norm(m / np.sqrt(v + 1e-6) + decay * weight)
        weight = weight - 0.1 * min(np.linalg.norm(weight) / reach, 10.0) * change
    return weight


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


def test_rules_by_axes_see_mindspores_layout():
    """AdaFactor's rows and columns are those of MindSpore's layout, however Keras holds a weight;
    its state is as MindSpore saves it, and an optimizer opened from a file goes on from there."""
    shapes = {"conv": (4, 5, 3, 2), "fc": (5, 6)}
    layouts = {"conv": Layout(order=(2, 3, 1, 0)), "fc": TRANSPOSED}

    def made(laid):
        found = []
        for name, shape in shapes.items():
            layout = layouts[name] if laid else Layout()
            variable = keras.Variable(layout.to_keras(inputs.numbers(shape, name)), name=name)
            storage = VariableStorage(shape, FLOAT32, variable, layout)
            found.append(Parameter.backed(name, storage))
        return found, nn.AdaFactor(found, weight_decay=0.1)

    def step(optimizer, parameters, number):
        laid = [
            p.storage.layout.to_keras(inputs.numbers(p.shape, f"{p.name} {number}"))
            for p in parameters
        ]
        optimizer.apply(list(map(keras.ops.convert_to_tensor, laid)), _variables(parameters))

    (plain, expected), (laid, optimizer) = made(False), made(True)
    for number in range(3):
        step(expected, plain, number)
        step(optimizer, laid, number)
    for name, entry in expected.state().items():
        found = optimizer.state()[name].asnumpy()
        np.testing.assert_allclose(found, entry.asnumpy(), rtol=1e-5, err_msg=name)
    for mine, theirs in zip(laid, plain, strict=True):
        np.testing.assert_allclose(mine.asnumpy(), theirs.asnumpy(), rtol=1e-5)
    again = keras.optimizers.deserialize(keras.optimizers.serialize(optimizer))
    copies, _ = made(True)
    again.build(_variables(copies)[::-1])
    for mine, theirs in zip(copies, laid, strict=True):
        mine.storage.write(theirs.asnumpy())
    for mine, theirs in zip(again.variables, optimizer.variables, strict=True):
        mine.assign(theirs)
    step(again, copies, 3)
    step(optimizer, laid, 3)
    for mine, theirs in zip(copies, laid, strict=True):
        np.testing.assert_array_equal(mine.asnumpy(), theirs.asnumpy())


def test_arguments_that_exclude_each_other():
    for make, said in (
        (lambda p: nn.AdaFactor(p, 0.1), "sets its rate itself"),
        (lambda p: nn.AdaFactor(p, relative_step=False), "no rate"),
        (lambda p: nn.AdaFactor(p, 0.1, relative_step=False, warmup_init=True), "warmup_init"),
        (lambda p: nn.AdaFactor(p, [0.1, 0.2], relative_step=False), "scale_parameter = false"),
        (lambda p: nn.AdaFactor([{"params": p, "weight_decay": 0.1}]), "no decay of their own"),
        (lambda p: nn.Adam(p, use_lazy=True, use_offload=True), "exclude each other"),
        (lambda p: nn.Adam(p, use_lazy=True, use_amsgrad=True), "use_amsgrad"),
        (
            lambda p: nn.Adam([{"params": p, "grad_centralization": True}], use_offload=True),
            "centralise",
        ),
        (lambda p: nn.LARS(nn.AdaFactor(p)), "does not take AdaFactor"),
    ):
        with pytest.raises(ValueError, match=said):
            make(_parameters())
    assert problems("""
network N() { fc = Dense(3, 4)
  construct(x: f32[B, 3]) = x |> fc }
dataset d = Digits() |> batch(4)
train t { network = N()  dataset = d  loss = MSELoss()
  optimizer = AdaFactor(0.1)  length = 1 epochs }""")[-1].endswith("it sets its rate itself")


@pytest.mark.parametrize("use_clip", [False, True])
def test_lars_follows_its_formula(use_clip, parity):
    """MindSpore's CPU has no kernel for it. Its state is as MindSpore names it."""
    parameters = _parameters()
    rate = 0.02 if use_clip else 0.5
    inner = nn.Momentum(parameters, rate, 0.9, weight_decay=0.01)
    optimizer = nn.LARS(inner, coefficient=0.02, use_clip=use_clip)
    clipped = set()
    found = {name: inputs.numbers(s, name).astype(np.float64) for name, s in SHAPES.items()}
    moments = dict.fromkeys(SHAPES, 0.0)
    for step in range(10):
        for name, shape in SHAPES.items():
            weight, gradient = found[name], inputs.numbers(shape, f"{name} {step}")
            decay = 0.01 if name == "weight" else 0.0
            if name != "bias":
                length, steep = np.linalg.norm(weight), np.linalg.norm(gradient)
                trust = 0.02 * length / (steep + decay * length + 1e-5)
                if use_clip:
                    clipped.add(trust > rate)
                    trust = min(trust / rate, 1.0)
                gradient = (gradient + decay * weight) * trust
            moments[name] = 0.9 * moments[name] + gradient
            found[name] = weight - rate * moments[name]
        _step(optimizer, parameters, step)
    word = ("optimizer", "LARS")
    for parameter in parameters:
        expected = found[parameter.name]
        variant = "use_clip by formula" if use_clip else "Momentum by formula"
        parity.close(word, variant, "trajectory", parameter.asnumpy(), expected, 1e-5)
    assert clipped == ({True, False} if use_clip else set())
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


def test_rmsprop_adds_epsilon_within_the_root(parity):
    """MindSpore's CPU adds it outside for whole blocks of 8 elements, within for the rest."""
    parameters = _parameters()
    optimizer = nn.RMSProp(parameters, 0.01, momentum=0.5, epsilon=0.1)

    def update(weight, gradient, state):
        square, moment = state
        square = 0.9 * square + 0.1 * gradient**2
        moment = 0.5 * moment + 0.01 * gradient / np.sqrt(square + 0.1)
        return weight - moment, (square, moment)

    expected = _loop((np.ones((4, 3)), 0.0), update)
    for step in range(10):
        _step(optimizer, parameters, step)
    word, found = ("optimizer", "RMSProp"), parameters[0].asnumpy()
    parity.close(word, "epsilon by formula", "trajectory", found, expected, 1e-5)
    parity.deviation(
        word, "MindSpore's CPU adds epsilon outside the root in blocks of 8; documented: within."
    )


def test_adagrad_keeps_its_sum_without_update_slots(parity):
    """MindSpore's CPU ignores the argument."""
    parameters = _parameters()
    optimizer = nn.Adagrad(parameters, 0.2, 0.1, update_slots=False)

    def update(weight, gradient, accum):
        return weight - 0.1 * gradient / np.sqrt(accum), accum

    expected = _loop(0.2, update)
    for step in range(10):
        _step(optimizer, parameters, step)
    word, found = ("optimizer", "Adagrad"), parameters[0].asnumpy()
    parity.close(word, "update_slots by formula", "trajectory", found, expected, 1e-5)
    parity.deviation(word, "MindSpore's CPU ignores update_slots; the documented meaning is kept.")


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
    spec = checked("let rates = warmup_lr(0.1, 6, 2, 2)\nlet o = SGD(rates)")
    rates = spec.values["o"].arguments.learning_rate
    assert rates == pytest.approx((0.0, 0.0, 0.05, 0.05, 0.1, 0.1))
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
