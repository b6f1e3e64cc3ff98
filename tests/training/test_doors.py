"""A spec and a script in Python train through the same engine: the bits are the same."""

import keras
import numpy as np
import pytest

from declspore import Model, load_checkpoint, nn
from declspore.api import load
from declspore.train import Callback, FixedLossScaleManager

SPEC = """spec 1
network Net() {{
  conv = Conv2d(1, 4, 3)
  norm = BatchNorm2d(4)
  drop = Dropout(p = 0.2)
  fc   = Dense(256, 10)
  idle = Dense(2, 2)
  construct(x: f32[B, 1, 8, 8]) = x |> conv |> norm |> relu |> flatten |> drop |> fc
}}
dataset digits = Digits(usage = "train") |> HWC2CHW() |> shuffle(1438, seed = 3) |> batch(128)
train t {{
  network   = Net()
  dataset   = digits
  loss      = SoftmaxCrossEntropyWithLogits(sparse = true, reduction = "mean")
  optimizer = {0}
  length    = 2 epochs
  seed      = 5
  save "t.ckpt" every 5 steps
}}
"""
OPTIMIZERS = {
    "momentum": (
        "Momentum(0.02, 0.9, weight_decay = 0.01, loss_scale = 128.0)",
        lambda parameters: nn.Momentum(parameters, 0.02, 0.9, weight_decay=0.01, loss_scale=128.0),
    ),
    "adam": (
        "AdamWeightDecay(CosineDecayLR(0.0, 0.01, 24))",
        lambda parameters: nn.AdamWeightDecay(parameters, nn.CosineDecayLR(0.0, 0.01, 24)),
    ),
}


class AtEachStep(Callback):
    def step_end(self, run_context):
        self.step = run_context.original_args().cur_step_num


@pytest.mark.parametrize("callbacks", [None, AtEachStep()], ids=["together", "step by step"])
@pytest.mark.parametrize("name", OPTIMIZERS)
def test_a_spec_and_a_script_give_the_same_bits(here, name, callbacks):
    word, make = OPTIMIZERS[name]
    (here / "t.spec").write_text(SPEC.format(word))
    load("t.spec").t()
    expected = load_checkpoint("t.ckpt")
    keras.utils.set_random_seed(5)
    net = load("t.spec").Net(seed=5)
    optimizer = make(net.trainable_params())
    loss = nn.SoftmaxCrossEntropyWithLogits(sparse=True, reduction="mean")
    manager = None
    if optimizer.loss_scale != 1.0:
        manager = FixedLossScaleManager(optimizer.loss_scale, drop_overflow_update=False)
    model = Model(net, loss, optimizer, loss_scale_manager=manager)
    model.train(2, load("t.spec").digits, callbacks=callbacks)
    found = model.train_network.parameters_dict()
    assert list(found) == list(expected)
    for entry, value in expected.items():
        np.testing.assert_array_equal(found[entry].asnumpy(), value.asnumpy(), err_msg=entry)
