"""Which of TensorFlow's kernels a run asks for."""

import os
import sys

import pytest

from declspore.plan.planner import make_plan
from declspore.run.kernels import choose_kernels
from tests.support import checked

SPEC = """\
network Net() {
  seen = Conv2d(1, 4, 1, stride = 2)
  head = Dense(4, 10)
  construct(x: f32[B, 1, 8, 8]) { return x |> seen |> relu |> mean([2, 3]) |> head }
}
dataset digits = Digits(usage = "train") |> Rescale(1 / 16, 0.0) |> HWC2CHW() |> batch(32)
optimizer sgd = SGD(learning_rate = 0.1)
train fit {
  network = Net()  dataset = digits  optimizer = sgd  length = 1 epochs
  loss = SoftmaxCrossEntropyWithLogits(sparse = true, reduction = "mean")
}
"""


@pytest.fixture
def environment(monkeypatch):
    monkeypatch.setattr(os, "environ", {})
    monkeypatch.delitem(sys.modules, "tensorflow", raising=False)
    return os.environ


def _chosen():
    choose_kernels(make_plan(checked(SPEC), ()))
    return os.environ.get("TF_ENABLE_ONEDNN_OPTS")


def test_asked_for_where_a_network_runs(environment):
    assert _chosen() == "1"


def test_what_the_environment_says_stays(environment):
    environment["TF_ENABLE_ONEDNN_OPTS"] = "0"
    assert _chosen() == "0"


def test_nothing_is_asked_of_a_tensorflow_that_is_imported(environment, monkeypatch):
    monkeypatch.setitem(sys.modules, "tensorflow", object())
    assert _chosen() is None
