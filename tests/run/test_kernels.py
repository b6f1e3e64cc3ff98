"""Which of TensorFlow's kernels a run asks for: faster ones, where they are known to be safe."""

import os
import sys

import pytest

from declspore.plan.planner import make_plan
from declspore.run.kernels import choose_kernels
from tests.support import checked

SPEC = """\
network Net() {{
  seen = {cell}
  head = Dense(4, 10)
  construct(x: f32[B, 1, 8, 8]) {{ return x |> seen |> relu |> mean([2, 3]) |> head }}
}}
dataset digits = Digits(usage = "train") |> Rescale(1 / 16, 0.0) |> HWC2CHW() |> batch(32)
optimizer sgd = SGD(learning_rate = 0.1)
train fit {{
  network = Net()  dataset = digits  optimizer = sgd  length = 1 epochs
  loss = SoftmaxCrossEntropyWithLogits(sparse = true, reduction = "mean")
}}
"""


@pytest.fixture
def environment(monkeypatch):
    monkeypatch.setattr(os, "environ", {})
    monkeypatch.delitem(sys.modules, "tensorflow", raising=False)
    return os.environ


def _chosen(cell):
    choose_kernels(make_plan(checked(SPEC.format(cell=cell)), ()))
    return os.environ.get("TF_ENABLE_ONEDNN_OPTS")


@pytest.mark.parametrize(
    ("cell", "setting"),
    [
        ("Conv2d(1, 4, 3)", "1"),
        ("Conv2d(1, 4, 1, stride = 2)", None),
        ("SequentialCell(Conv2d(1, 8, 3), Conv2d(8, 4, 1))", "1"),
    ],
)
def test_asked_for_unless_a_kernel_of_one_element_has_odd_channels(environment, cell, setting):
    assert _chosen(cell) == setting


def test_what_the_environment_says_stays(environment):
    environment["TF_ENABLE_ONEDNN_OPTS"] = "0"
    assert _chosen("Conv2d(1, 4, 3)") == "0"


def test_nothing_is_asked_of_a_tensorflow_that_is_there(environment, monkeypatch):
    monkeypatch.setitem(sys.modules, "tensorflow", object())
    assert _chosen("Conv2d(1, 4, 3)") is None
