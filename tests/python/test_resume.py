"""Training goes on where MindSpore left off, with MindSpore's losses (golden, no MindSpore)."""

import numpy as np
import pytest

from declspore import Model, load_checkpoint, load_param_into_net
from declspore.api import load
from declspore.nn import Momentum, SoftmaxCrossEntropyWithLogits
from declspore.train.callback import Callback
from tests.conftest import GOLDEN, SPECS
from tests.oracle import inputs
from tests.support import closeness


class Losses(Callback):
    def __init__(self):
        self.values = []

    def step_end(self, run_context):
        self.values.append(float(run_context.original_args().net_outputs.asnumpy()))


@pytest.fixture(scope="module")
def golden():
    with np.load(GOLDEN / "lenet.npz") as data:
        return dict(data)


@pytest.fixture
def model():
    net = load(SPECS / "lenet.spec").LeNet5()
    optimizer = Momentum(net.trainable_params(), 0.01, 0.9)
    loss = SoftmaxCrossEntropyWithLogits(sparse=True, reduction="mean")
    return net, optimizer, Model(net, loss, optimizer, metrics={"accuracy", "loss"})


def test_from_the_start(model, golden):
    net, _, trainer = model
    load_checkpoint(GOLDEN / "lenet_filled.ckpt", net=net)
    losses = Losses()
    trainer.train(1, list(inputs.batches(5)), callbacks=losses)
    np.testing.assert_allclose(losses.values, golden["first"], rtol=1e-4)
    found = net.predict_on_batch(inputs.numbers((16, 1, 32, 32), "lenet"))
    assert closeness(found, golden["middle"]) < 1e-4


def test_resumed(model, golden):
    """Network and optimizer from MindSpore's checkpoint after 5 steps; then 10 more."""
    net, optimizer, trainer = model
    entries = load_checkpoint(GOLDEN / "lenet-1_5.ckpt")
    assert load_param_into_net(net, entries)[0] == []
    assert load_param_into_net(optimizer, entries) == ([], [])
    figures = trainer.eval(list(inputs.batches(5)))
    assert figures["accuracy"] == pytest.approx(float(golden["accuracy"]))
    assert figures["loss"] == pytest.approx(float(golden["loss"]), rel=1e-4)
    losses = Losses()
    trainer.train(1, list(inputs.batches(15))[5:], callbacks=losses)
    np.testing.assert_allclose(losses.values, golden["later"], rtol=1e-4)
    bias = net.parameters_dict()["fc3.bias"].asnumpy()
    assert closeness(bias, golden["final_bias"]) < 1e-4
    assert optimizer.state()["global_step"].asnumpy().tolist() == [15]


def test_without_the_optimizer_the_losses_differ(model, golden):
    """The test above can fail: without momentum's state the continuation is another one."""
    net, _, trainer = model
    load_checkpoint(GOLDEN / "lenet-1_5.ckpt", net=net)
    losses = Losses()
    trainer.train(1, list(inputs.batches(15))[5:], callbacks=losses)
    assert not np.allclose(losses.values, golden["later"], rtol=1e-4)
