"""Whole networks: parameter tables and outputs equal MindSpore's."""

import json
import re

import keras
import numpy as np
import pytest

from declspore.api import load
from declspore.lower.binding import binding_of
from declspore.lower.network import compile_network
from declspore.serialization import load_checkpoint
from tests.checkpoint.support import opened
from tests.conftest import GOLDEN, SPECS
from tests.oracle import inputs
from tests.support import checked, closeness, outputs

NETWORKS = {
    "lenet": ("lenet.spec", "LeNet5"),
    "resnet50": ("resnet50.spec", "ResNet50"),
    "tutorial_resnet50": ("tutorial_resnet50.spec", "ResNet50"),
}


@pytest.mark.parametrize("name", NETWORKS)
def test_parameter_table(name):
    """Names, shapes, order, and what is trained."""
    expected = json.loads((GOLDEN / "parameters.json").read_text())[name]
    file, network = NETWORKS[name]
    table = getattr(load(SPECS / file), network).network().parameters
    assert [[p.name, list(p.shape), p.trainable] for p in table] == expected


@pytest.mark.parametrize("name", ["resnet50", "tutorial_resnet50"])
@pytest.mark.parametrize("data_format", ["channels_first", "channels_last"])
def test_resnet_outputs(name, data_format):
    file, network = NETWORKS[name]
    model = getattr(load(SPECS / file), network)(data_format=data_format)
    for parameter in model.get_parameters():
        parameter.set_data(inputs.parameter(parameter.name, parameter.shape))
    x = inputs.numbers((2, 3, 64, 64), name)
    if data_format == "channels_last":
        x = x.transpose(0, 2, 3, 1)
    with np.load(GOLDEN / "resnets.npz") as golden:
        assert closeness(model.predict_on_batch(x), golden[name]) < 1e-5


def test_lenet_from_a_mindspore_file():
    model = load(SPECS / "lenet.spec").LeNet5()
    load_checkpoint(GOLDEN / "lenet_filled.ckpt", net=model)
    x = inputs.numbers((16, 1, 32, 32), "lenet")
    with np.load(GOLDEN / "lenet.npz") as golden:
        assert closeness(model.predict_on_batch(x), golden["before"]) < 1e-5


def test_model_is_an_ordinary_functional_model():
    model = load(SPECS / "lenet.spec").LeNet5(num_class=7)
    assert type(model) is keras.src.models.functional.Functional
    assert model.output_shape == (None, 7)
    kinds = {type(layer).__module__.split(".")[0] for layer in model.layers}
    assert kinds == {"keras"}
    assert [layer.name for layer in model.layers if layer.weights] == [
        *("conv1", "conv2", "fc1", "fc2", "fc3")
    ]


def test_saved_model_opens_with_the_same_outputs(tmp_path):
    model = load(SPECS / "lenet.spec").LeNet5(seed=3)
    x = inputs.numbers((4, 1, 32, 32), "x")
    model.save(tmp_path / "lenet.keras")
    opened = keras.models.load_model(tmp_path / "lenet.keras")
    np.testing.assert_array_equal(opened.predict_on_batch(x), model.predict_on_batch(x))


def test_first_values_depend_on_seed_and_path_alone():
    small = checked("""
network A() {
  one = Dense(4, 3)
  construct(x: f32[B, 4]) = one(x)
}
network B() {
  zero = Dense(4, 4)
  one = Dense(4, 3)
  construct(x: f32[B, 4]) = x |> zero |> one
}
""").networks
    from declspore.lower.network import compile_network

    def weight(name: str, seed: int) -> np.ndarray:
        return binding_of(compile_network(small[name], seed=seed))["one.weight"].read()

    np.testing.assert_array_equal(weight("A", 5), weight("B", 5))
    assert not np.array_equal(weight("A", 5), weight("A", 6))


def test_a_cell_called_twice_shares_its_parameters():
    networks = checked("""
network Twice() {
  fc = Dense(6, 6)
  construct(x: f32[B, 6]) = fc(relu(fc(x)))
}
""").networks
    from declspore.lower.network import compile_network

    model = compile_network(networks["Twice"])
    weight, bias = inputs.numbers((6, 6), "w"), inputs.numbers((6,), "b")
    model.parameters_dict()["fc.weight"].set_data(weight)
    model.parameters_dict()["fc.bias"].set_data(bias)
    x = inputs.numbers((5, 6), "x")
    expected = np.maximum(x @ weight.T + bias, 0) @ weight.T + bias
    assert closeness(model.predict_on_batch(x), expected) < 1e-5
    assert len(model.weights) == 2


def test_a_flattened_image_shared_by_two_dense_cells():
    """Each of them permutes its own weight; a third that is called twice gets the plain order."""
    networks = checked("""
network Heads() {
  conv = Conv2d(2, 3, 3)
  left = Dense(60, 4)
  right = Dense(60, 4)
  both = Dense(60, 4)
  construct(x: f32[B, 2, 4, 5]) {
    f = x |> conv |> flatten
    g = f |> relu
    return left(f) + right(g) + both(f) + both(g)
  }
}
""").networks
    from declspore.lower.network import compile_network

    model = compile_network(networks["Heads"])
    values = {p.name: inputs.parameter(p.name, p.shape) for p in model.get_parameters()}
    for parameter in model.get_parameters():
        parameter.set_data(values[parameter.name])
        np.testing.assert_array_equal(parameter.asnumpy(), values[parameter.name])
    x = inputs.numbers((3, 2, 4, 5), "x")
    padded = np.pad(x, ((0, 0), (0, 0), (1, 1), (1, 1)))
    windows = np.lib.stride_tricks.sliding_window_view(padded, (3, 3), axis=(2, 3))
    conv = np.einsum("nchwij,ocij->nohw", windows, values["conv.weight"])
    flat = conv.reshape(3, -1)
    positive = np.maximum(flat, 0)

    def dense(name: str, of: np.ndarray) -> np.ndarray:
        return of @ values[f"{name}.weight"].T + values[f"{name}.bias"]

    expected = dense("left", flat) + dense("right", positive) + dense("both", flat)
    expected += dense("both", positive)
    assert closeness(model.predict_on_batch(x), expected) < 1e-5


def test_cells_never_called_keep_their_parameters(tmp_path):
    networks = checked("""
network Spare() {
  used = Dense(4, 3)
  idle = Dense(5, 2)
  construct(x: f32[B, 4]) = used(x)
}
""").networks
    from declspore.lower.network import compile_network
    from declspore.serialization import save_checkpoint

    model = compile_network(networks["Spare"], seed=1)
    value = inputs.numbers((2, 5), "idle")
    model.parameters_dict()["idle.weight"].set_data(value)
    save_checkpoint(model, tmp_path / "spare.ckpt")
    with opened(tmp_path / "spare.ckpt") as file:
        assert list(file.by_name) == ["used.weight", "used.bias", "idle.weight", "idle.bias"]
        np.testing.assert_array_equal(file.array("idle.weight"), value)


def test_unknown_data_format():
    with pytest.raises(ValueError, match="channels_sideways"):
        load(SPECS / "lenet.spec").LeNet5(data_format="channels_sideways")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ((4, 4), (4, 1)),
        ((4, 1), (4, 4)),
        ((2, 4, 4), (4, 1)),
        ((2, 3, 4), (2, 1, 1)),
        ((4, 1), (1, 4)),
        ((2, 4, 1), (4,)),
        ((2, 3, 4), (3, 4)),
        ((2, 3, 4), (4,)),
        ((2, 3, 5, 5), (3, 1, 1)),
    ],
    ids=str,
)
@pytest.mark.parametrize("free", [False, True], ids=["fixed", "free"])
def test_sums_along_the_axis_that_is_meant(one, other, free):
    """Keras 3.15 adds [4, 1] to [4, 4] along the wrong axis, and knows sizes when it runs."""
    sizes = [", ".join(map(str, shape)) for shape in (one, other)]
    if free:
        sizes = [", ".join(f"S{n}" if n > 1 else "1" for n in shape) for shape in (one, other)]
        sizes = [re.sub(r"S(\d)", lambda found: "ABCDEF"[int(found[1])], text) for text in sizes]
    text = f"network N() {{ construct(x: f32[{sizes[0]}], y: f32[{sizes[1]}]) = x + y }}"
    network = checked(text).networks["N"]
    x, y = inputs.numbers(one, "x"), inputs.numbers(other, "y")
    found = compile_network(network)([x, y])
    np.testing.assert_array_equal(np.asarray(found), x + y)


@pytest.mark.parametrize("short", ["f16", "bf16", "f64", "i32"])
def test_flatten_keeps_the_element_type(short):
    text = f"network Net() {{\n  construct(x: {short}[B, 3, 4]) = x |> flatten\n}}"
    network = checked(text).networks["Net"]
    assert compile_network(network).output.dtype == network.inputs[0].type.dtype.numpy


def test_a_network_deeper_than_python_calls():
    """Keras follows a graph by calling itself, once for each layer of a path."""
    text = """
network Deep() {
  body = SequentialCell(for i in 0 ..< 600 { relu })
  construct(x: f32[B, 4]) = body(x * 2)
}
"""
    model = compile_network(checked(text).networks["Deep"])
    x = np.array([[1.0, -1.0, 0.0, 3.0]], np.float32)
    assert outputs(model, x)[0].tolist() == [[2.0, 0.0, 0.0, 6.0]]


def test_inputs_that_are_outputs():
    """Also twice, and all of them."""
    text = "network Same() { construct(x: f32[B, 3], y: i32[B]) = [x, x, y, x + 1] }"
    x, y = np.ones((2, 3), np.float32), np.arange(2, dtype=np.int32)
    found = outputs(compile_network(checked(text).networks["Same"]), x, y)
    for one, expected in zip(found, (x, x, y, x + 1), strict=True):
        np.testing.assert_array_equal(one, expected)
    alone = "network Only() { construct(x: f32[B, 3]) = x }"
    (found,) = outputs(compile_network(checked(alone).networks["Only"]), x)
    np.testing.assert_array_equal(found, x)
