"""The port of a Keras model: the outputs of keras.applications with the same weights."""

import keras
import numpy as np

from declspore.api import load
from declspore.lower.binding import binding_of
from tests.conftest import ROOT
from tests.support import closeness

ORDER = {"kernel": 0, "bias": 1, "moving_mean": 0, "moving_variance": 1, "gamma": 2, "beta": 3}


def _order(variable):
    return ORDER[variable.name]


def test_mobilenet_of_keras():
    keras.utils.set_random_seed(1)
    theirs = keras.applications.MobileNet(weights=None, input_shape=(64, 64, 3), classes=7)
    ours = load(ROOT / "examples" / "ports" / "keras_mobilenet.spec").MobileNet(7)
    rng = np.random.default_rng(0)
    given = [w for layer in theirs.layers for w in sorted(layer.weights, key=_order)]
    parameters = binding_of(ours).parameters
    for variable, parameter in zip(given, parameters, strict=True):
        value = rng.uniform(0.1, 0.5, variable.shape) * (-1) ** (variable.name == "beta")
        value = value / 4 - 0.05 if variable.name == "kernel" else value
        variable.assign(value.astype(np.float32))
        if variable.name == "kernel":
            depthwise = parameter.shape[1] == 1
            value = np.transpose(value, (2, 3, 0, 1) if depthwise else (3, 2, 0, 1))
        parameter.storage.write(value.astype(np.float32).reshape(parameter.shape))
    images = rng.normal(size=(2, 64, 64, 3)).astype(np.float32)
    expected = theirs.predict(images, verbose=0)
    found = ours.predict(np.transpose(images, (0, 3, 1, 2)), verbose=0)
    assert closeness(found, expected) < 1e-5
    assert found.std() > 1e-3
