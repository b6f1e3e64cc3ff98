"""What Keras users do with a model works with a compiled one that holds layers of ours."""

import keras
import numpy as np
import pytest

from declspore import Model
from declspore.api import load
from declspore.lower.network import compile_network
from declspore.nn import Momentum, MSELoss, On, SoftmaxCrossEntropyWithLogits
from tests.conftest import SPECS
from tests.oracle import inputs
from tests.support import checked

NETWORK = """
network Net() {
  conv  = Conv2d(1, 4, 3)
  norm  = BatchNorm2d(4)
  slope = PReLU(4)
  shift = Parameter([4, 4, 4], init = "ones")
  pool  = MaxPool2d(2, 2)
  gru   = GRU(16, 6, batch_first = true)
  drop  = Dropout(p = 0.1)
  fc    = Dense(24, 3)

  construct(x: f32[B, 1, 8, 8]) {
    y = pool(x |> conv |> norm |> slope) + shift
    steps, h = y |> reshape([B, 4, 16]) |> gru
    return steps |> flatten |> drop |> fc
  }
}
"""
IMAGES = inputs.numbers((64, 1, 8, 8), "images")
LABELS = np.argsort(IMAGES.mean((1, 2, 3))).argsort().astype(np.int32) * 3 // 64


@pytest.fixture
def policy():
    """Sets a policy of precision for one test."""
    before = keras.config.dtype_policy()
    yield keras.config.set_dtype_policy
    keras.config.set_dtype_policy(before)


def _compiled(**options):
    keras.utils.set_random_seed(1)
    model = compile_network(checked(NETWORK).networks["Net"], seed=1)
    model.compile(
        optimizer=Momentum(model.trainable_params(), 0.05, 0.9),
        loss=SoftmaxCrossEntropyWithLogits(sparse=True, reduction="mean"),
        metrics=[keras.metrics.SparseCategoricalAccuracy(name="accuracy")],
        **options,
    )
    return model


@pytest.mark.parametrize(
    ("precision", "jit"),
    [("float32", False), ("float32", True), ("mixed_float16", False), ("mixed_bfloat16", True)],
)
def test_fit_evaluate_predict(precision, jit, policy):
    policy(precision)
    # without, JAX takes very long over a sequence; with, PyTorch's compiler warns of Keras's code
    jit = {"jax": True, "torch": False}.get(keras.backend.backend(), jit)
    model = _compiled(jit_compile=jit)
    history = model.fit(IMAGES, LABELS, epochs=8, batch_size=16, verbose=0).history
    assert history["loss"][-1] < 0.9 * history["loss"][0]
    figures = model.evaluate(IMAGES, LABELS, verbose=0, return_dict=True)
    assert figures["loss"] < history["loss"][0]
    scores = model.predict(IMAGES, verbose=0)
    assert scores.dtype.name == precision.removeprefix("mixed_")
    right = scores.astype(np.float32).argmax(axis=1) == LABELS
    assert right.mean() == pytest.approx(figures["accuracy"])


@pytest.mark.parametrize("precision", ["mixed_float16", "mixed_bfloat16"])
def test_mixed_precision_keeps_float32_parameters(precision, policy):
    policy(precision)
    model = load(SPECS / "lenet.spec").LeNet5(seed=1)
    assert {variable.dtype for variable in model.weights} == {"float32"}
    x = inputs.numbers((4, 1, 32, 32), "lenet")
    found = model.predict_on_batch(x).astype(np.float32)
    policy("float32")
    expected = load(SPECS / "lenet.spec").LeNet5(seed=1).predict_on_batch(x)
    assert found.dtype == np.float32
    assert 0 < np.abs(found - expected).max() < 0.05 * np.abs(expected).max()


def test_config_and_summary(tmp_path):
    model = _compiled()
    model.save_weights(tmp_path / "net.weights.h5")
    expected = model.predict_on_batch(IMAGES)
    for again in (
        type(model).from_config(model.get_config()),
        keras.models.clone_model(model),
        compile_network(checked(NETWORK).networks["Net"], seed=2),
    ):
        again.load_weights(tmp_path / "net.weights.h5")
        np.testing.assert_array_equal(again.predict_on_batch(IMAGES), expected)
    lines = []
    model.summary(print_fn=lines.append)
    assert all(name in "\n".join(lines) for name in ("conv", "norm", "slope", "shift", "fc"))


def test_a_trained_model_is_saved_whole_and_trains_on(tmp_path):
    """Optimizer, its state and the loss are in the file; the next steps are the same."""
    model = _compiled()
    model.get_layer("drop").rate = 0.0
    model.fit(IMAGES, LABELS, epochs=1, batch_size=16, verbose=0, shuffle=False)
    model.save(tmp_path / "net.keras")
    opened = keras.models.load_model(tmp_path / "net.keras")
    losses = [
        m.fit(IMAGES, LABELS, epochs=2, batch_size=16, verbose=0, shuffle=False).history["loss"]
        for m in (model, opened)
    ]
    np.testing.assert_allclose(losses[0], losses[1], rtol=1e-5)
    assert losses[0][0] != losses[0][1]


def test_an_optimizer_of_some_parameters_trains_those_alone():
    """Whatever else the model trains, and in whichever order; frozen ones stay too."""
    model = compile_network(checked(NETWORK).networks["Net"], seed=1)
    parameters = model.parameters_dict()
    parameters["norm.gamma"].requires_grad = False
    chosen = ("shift", "fc.bias", "norm.gamma", "conv.weight")
    before = {name: parameter.asnumpy().copy() for name, parameter in parameters.items()}
    model.compile(
        optimizer=Momentum([parameters[name] for name in chosen], 0.05, 0.9),
        loss=SoftmaxCrossEntropyWithLogits(sparse=True, reduction="mean"),
    )
    model.fit(IMAGES, LABELS, batch_size=32, verbose=0)
    moved = {n for n, p in parameters.items() if not np.array_equal(p.asnumpy(), before[n])}
    assert moved == {"shift", "fc.bias", "conv.weight", "norm.moving_mean", "norm.moving_variance"}


HEADS = """
network Heads() {
  body  = Dense(3, 4)
  idle  = Dense(2, 5)
  other = Dense(4, 2)
  head  = Dense(4, 1)

  construct(x: f32[B, 3]) {
    y = body(x)
    return head(y), other(y)
  }
}
"""


ONES = np.ones((4, 1), np.float32)


def test_weights_the_loss_does_not_depend_on_decay_as_in_mindspore():
    """Those of a head that is left out, and those of a cell that `construct` never calls."""
    net = compile_network(checked(HEADS).networks["Heads"], seed=1)
    before = {p.name: p.asnumpy().copy() for p in net.get_parameters()}
    optimizer = Momentum(net.trainable_params(), 0.1, 0.9, weight_decay=0.5)
    model = Model(net, On(MSELoss(), outputs=[0]), optimizer)
    model.train(1, [(inputs.numbers((4, 3), f"x {step}"), ONES) for step in range(2)])
    saved = model.train_network.parameters_dict()
    after = {name: parameter.asnumpy() for name, parameter in saved.items()}
    assert list(after)[: len(before)] == list(before)
    for name in ("idle.weight", "idle.bias", "other.weight", "other.bias"):
        once = before[name] * (1 - 0.1 * 0.5)
        moment = 0.9 * 0.5 * before[name] + 0.5 * once
        np.testing.assert_allclose(after[name], once - 0.1 * moment, rtol=1e-6)
        np.testing.assert_allclose(after[f"moments.{name}"], moment, rtol=1e-6)


def test_a_file_of_a_network_with_cells_never_called_has_the_optimizers_state(tmp_path):
    net = compile_network(checked(HEADS).networks["Heads"], seed=1)
    optimizer = Momentum(net.trainable_params(), 0.01, 0.9, weight_decay=0.5)
    net.compile(optimizer=optimizer, loss=["mse", "mse"])
    data = inputs.numbers((8, 3), "x"), [np.ones((8, 1)), np.ones((8, 2))]
    net.fit(*data, batch_size=4, verbose=0, shuffle=False)
    net.save(tmp_path / "net.keras")
    opened = keras.models.load_model(tmp_path / "net.keras")
    for model in (net, opened):
        model.fit(*data, batch_size=4, verbose=0, shuffle=False)
    kept = [[np.asarray(v) for v in model.optimizer.variables] for model in (net, opened)]
    assert len(kept[0]) == len(kept[1]) == 13
    for one, other in zip(*kept, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-6)


@pytest.mark.skipif(keras.backend.backend() == "torch", reason="PyTorch refuses such a step")
def test_beyond_the_end_of_a_list_a_rate_is_no_number():
    """XLA would take the last one again and again."""
    model = compile_network(checked(HEADS).networks["Heads"], seed=1)
    optimizer = Momentum(model.trainable_params(), [0.1, 0.05], 0.9)
    model.compile(optimizer=optimizer, loss=["mse", "mse"], jit_compile=True)
    data = inputs.numbers((8, 3), "x"), [np.ones((8, 1)), np.ones((8, 2))]
    model.fit(*data, batch_size=4, verbose=0)
    weight = model.parameters_dict()["body.weight"]
    assert np.isfinite(weight.asnumpy()).all()
    model.fit(*data, batch_size=8, verbose=0)
    assert np.isnan(weight.asnumpy()).all()


def test_an_optimizer_of_another_network_is_refused():
    model, other = (compile_network(checked(NETWORK).networks["Net"]) for _ in range(2))
    model.compile(
        optimizer=Momentum(other.trainable_params(), 0.05, 0.9),
        loss=SoftmaxCrossEntropyWithLogits(sparse=True, reduction="mean"),
    )
    with pytest.raises(ValueError, match="of another network"):
        model.train_on_batch(IMAGES[:4], LABELS[:4])


PAIR = """
network Pair() {
  one   = Dense(3, 4)
  other = Dense(5, 4)
  norm  = BatchNorm1d(4)

  construct(x: f32[B, 3], y: f32[B, 5]) {
    both = norm(one(x) + other(y))
    return relu(both), both
  }
}
"""


@pytest.mark.parametrize("eagerly", [False, True])
def test_several_inputs_and_outputs(eagerly):
    """Two steps, as a function of the backend's and one op after the other."""
    model = compile_network(checked(PAIR).networks["Pair"], seed=1)
    losses = [SoftmaxCrossEntropyWithLogits(sparse=True, reduction="mean") for _ in range(2)]
    optimizer = Momentum(model.trainable_params(), 0.05, 0.9)
    model.compile(optimizer=optimizer, loss=losses, run_eagerly=eagerly)
    given = [inputs.numbers((8, 3), "x"), inputs.numbers((8, 5), "y")]
    labels = [LABELS[:8], LABELS[8:16]]
    first, second = (
        model.fit(given, labels, batch_size=8, verbose=0).history["loss"][0] for _ in range(2)
    )
    assert second < first
    found = dict(zip("xy", given, strict=True))
    named = model.predict_on_batch(found)
    for one, other in zip(model.predict(given, verbose=0), named, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-5, atol=1e-6)
