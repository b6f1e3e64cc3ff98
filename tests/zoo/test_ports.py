"""The ports of Keras models: the outputs of keras.applications with the same weights."""

import keras
import numpy as np
import pytest

from declspore.api import load
from declspore.check.check import check_file
from declspore.lower.binding import binding_of
from tests.conftest import ROOT
from tests.support import closeness

PORTS = ROOT / "examples" / "ports"
ORDER = {
    "kernel": 0,
    "depthwise_kernel": 0,
    "pointwise_kernel": 1,
    "bias": 1,
    "moving_mean": 0,
    "moving_variance": 1,
    "gamma": 2,
    "beta": 3,
}


def _order(variable):
    return ORDER[variable.name]


def _of_xception(model):
    """Its layers with weights, in the order of the spec: of a block, the residual first."""
    by_name = {layer.name: layer for layer in model.layers if layer.weights}
    unnamed = {"conv2d": [], "batch_normalization": []}
    for name in sorted(by_name, key=lambda name: (len(name), name)):
        word = name.rstrip("0123456789").rstrip("_")
        if word in unnamed:
            unnamed[word].append(name)
    residuals = dict(zip((2, 3, 4, 13), zip(*unnamed.values(), strict=True), strict=True))
    names = ["block1_conv1", "block1_conv1_bn", "block1_conv2", "block1_conv2_bn"]
    for block in range(2, 15):
        names += residuals.get(block, ())
        for conv in range(1, 4 if 5 <= block <= 12 else 3):
            names += [f"block{block}_sepconv{conv}", f"block{block}_sepconv{conv}_bn"]
    return [by_name[name] for name in (*names, "predictions")]


@pytest.mark.parametrize(
    ("spec", "network", "side", "layers"),
    [
        ("keras_mobilenet.spec", "MobileNet", 64, lambda model: model.layers),
        ("keras_xception.spec", "Xception", 71, _of_xception),
    ],
)
def test_keras(spec, network, side, layers):
    keras.utils.set_random_seed(1)
    make = getattr(keras.applications, network)
    theirs = make(weights=None, input_shape=(side, side, 3), classes=7)
    ours = getattr(load(PORTS / spec), network)(7)
    rng = np.random.default_rng(0)
    given = [w for layer in layers(theirs) for w in sorted(layer.weights, key=_order)]
    parameters = binding_of(ours).parameters
    for variable, parameter in zip(given, parameters, strict=True):
        value = rng.uniform(0.1, 0.5, variable.shape) * (-1) ** (variable.name == "beta")
        is_kernel = variable.name.endswith("kernel")
        value = value / 4 - 0.05 if is_kernel else value
        variable.assign(value.astype(np.float32))
        if is_kernel and value.ndim == 4:
            depthwise = parameter.shape[1] == 1
            value = np.transpose(value, (2, 3, 0, 1) if depthwise else (3, 2, 0, 1))
        elif is_kernel:
            value = value.T
        parameter.storage.write(value.astype(np.float32).reshape(parameter.shape))
    images = rng.normal(size=(2, side, side, 3)).astype(np.float32)
    expected = theirs.predict(images, verbose=0)
    found = ours.predict(np.transpose(images, (0, 3, 1, 2)), verbose=0)
    assert closeness(found, expected) < 1e-5
    assert found.std() > 1e-3


@pytest.mark.parametrize(
    ("spec", "network", "values"),
    [
        ("keras_mobilenet.spec", "MobileNet", 4_253_864),
        ("keras_xception.spec", "Xception", 22_910_480),
    ],
)
def test_published_counts(spec, network, values):
    """As keras.io publishes them, to the last value; buffers count there."""
    parameters = check_file(PORTS / spec).networks[network].parameters
    assert sum(int(np.prod(p.shape)) for p in parameters) == values
