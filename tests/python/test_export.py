"""``export`` from Python: what MindSpore's guide writes, but for its own formats."""

import numpy as np
import pytest

import declspore
from declspore import Tensor, nn


def network():
    return nn.SequentialCell(nn.Flatten(), nn.Dense(4, 3), nn.ReLU(), nn.Dense(3, 2))


IMAGES = np.random.default_rng(0).random((2, 1, 2, 2)).astype(np.float32)


def test_a_keras_model(here):
    import keras

    net = network()
    declspore.export(net, Tensor(IMAGES), file_name="net", file_format="KERAS")
    opened = keras.models.load_model("net.keras")
    found = opened.predict(IMAGES, verbose=0)
    np.testing.assert_allclose(found, net(Tensor(IMAGES)).asnumpy(), rtol=1e-5, atol=1e-6)


def test_onnx(here):
    runtime = pytest.importorskip("onnxruntime")
    net = network()
    declspore.export(net, Tensor(IMAGES), file_name="net", file_format="ONNX")
    session = runtime.InferenceSession("net.onnx")
    (found,) = session.run(None, {session.get_inputs()[0].name: IMAGES})
    np.testing.assert_allclose(found, net(Tensor(IMAGES)).asnumpy(), rtol=1e-5, atol=1e-6)


def test_what_is_not_written():
    with pytest.raises(declspore.Unsupported, match="MINDIR files are not written; there are K"):
        declspore.export(network(), Tensor(IMAGES), file_name="net", file_format="MINDIR")
    with pytest.raises(ValueError, match="file_format must be one of"):
        declspore.export(network(), Tensor(IMAGES), file_name="net", file_format="PNG")
    with pytest.raises(TypeError, match="export needs inputs"):
        declspore.export(network(), file_name="net", file_format="ONNX")
