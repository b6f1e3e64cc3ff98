"""What a type checker tells users: the stubs of generated words, and scripts that are checked."""

import subprocess
import sys

import pytest

from tests.conftest import ROOT
from tests.python.write_stubs import stubs

RIGHT = """
import numpy as np

import declspore as ms
import declspore.dataset as ds
from declspore import Model, Parameter, Tensor, nn, ops


class Net(nn.Cell):
    def __init__(self, classes: int = 10) -> None:
        super().__init__()
        self.conv = nn.Conv2d(1, 8, 3, pad_mode="same")
        self.fc = nn.Dense(8, classes)
        self.scale = Parameter(np.ones((8,), np.float32), name="scale")

    def construct(self, x: Tensor) -> Tensor:
        hidden = ops.relu(self.conv(x)).mean((2, 3)) * self.scale
        result: Tensor = self.fc(hidden)
        return result


net = Net()
optimizer = nn.Momentum(net.trainable_params(), 0.01, 0.9)
loss = nn.SoftmaxCrossEntropyWithLogits(sparse=True, reduction="mean")
model = Model(net, loss, optimizer, metrics={"accuracy"})
x = Tensor(np.ones((2, 1, 8, 8), np.float32))
y = ops.softmax(x, axis=-1) + 1
z: Tensor = y.sum(axis=1)
values, places = ops.topk(y, 2)
data = ds.MnistDataset("MNIST", usage="train", shuffle=False).batch(32)
found = ms.load_checkpoint("x.ckpt")
missing, unused = ms.load_param_into_net(net, found)
names: list[str] = missing
"""
WRONG = {
    'nn.Dense("8", 4)': 'Argument 1 to "Dense" has incompatible type "str"; expected "int"',
    "nn.Dnese(8, 4)": 'Module has no attribute "Dnese"; maybe "Dense"?',
    'nn.Conv2d(1, 8, 3, pad_mode="valdi")': "expected \"Literal['same', 'valid', 'pad']\"",
    'ops.softmax(Tensor([1.0]), axis="x")': 'Argument "axis" to "softmax" has incompatible type',
    "ops.relv(Tensor([1.0]))": 'Module has no attribute "relv"',
    "Tensor([1.0]).maen()": '"Tensor" has no attribute "maen"',
    "ops.relu(Tensor([1.0])).upper()": '"Tensor" has no attribute "upper"',
    'nn.MSELoss(reduction="avg")': 'Argument "reduction" to "MSELoss"',
}


def test_the_stubs_are_those_of_the_vocabulary():
    """``python -m tests.python.write_stubs`` writes them."""
    for path, text in stubs():
        assert (ROOT / path).read_text() == text, path


def _checked(folder, text):
    (folder / "script.py").write_text(text)
    command = [sys.executable, "-m", "mypy", "--strict", "--no-color-output", "script.py"]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=900)


@pytest.mark.slow
def test_scripts(tmp_path):
    """A right one has no error under --strict; each mistake of a wrong one is found."""
    assert _checked(tmp_path, RIGHT).stdout.startswith("Success")
    lines = ["from declspore import Tensor, nn, ops", *WRONG]
    found = _checked(tmp_path, "\n".join(lines)).stdout.splitlines()
    for line, message in enumerate(WRONG.values(), start=2):
        told = [each for each in found if each.startswith(f"script.py:{line}: error")]
        assert len(told) == 1, told
        assert message in told[0]
    assert found[-1].startswith(f"Found {len(WRONG)} errors")
