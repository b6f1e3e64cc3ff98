"""Scripts of MindSpore's kind, unchanged, here and under MindSpore: they print the same.

The scripts are our own; their calls are those of MindSpore's guides on loading and saving, and of
the sample programs these link to.
"""

import os
import shutil
import struct
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from tests.conftest import GOLDEN, mindspore_python

pytestmark = pytest.mark.slow

SCRIPTS = Path(__file__).parent / "scripts"
NAMES = ["loading", "saving", "mnist", "resnet", "sharing", "tensors"]
NAMES += ["gan", "loop", "transfer"]


def digits(folder):
    """A small folder of MNIST's files, the same at every call."""
    folder.mkdir()
    draws = np.random.default_rng(0)
    images = draws.integers(0, 256, (160, 28, 28), np.uint8)
    labels = draws.integers(0, 10, 160).astype(np.uint8)
    head = struct.pack(">4i", 0x803, 160, 28, 28)
    (folder / "train-images-idx3-ubyte").write_bytes(head + images.tobytes())
    (folder / "train-labels-idx1-ubyte").write_bytes(
        struct.pack(">2i", 0x801, 160) + labels.tobytes()
    )


@pytest.fixture
def folder(tmp_path):
    for script in SCRIPTS.glob("*.py"):
        shutil.copy(script, tmp_path)
    shutil.copy(GOLDEN / "lenet-1_5.ckpt", tmp_path / "lenet.ckpt")
    digits(tmp_path / "MNIST")
    return tmp_path


def lines(command, folder):
    environment = {**os.environ, "GLOG_v": "3", "ONEDNN_MAX_CPU_ISA": "AVX2"}
    environment.pop("PYTHONPATH", None)
    done = subprocess.run(
        command, cwd=folder, capture_output=True, text=True, env=environment, timeout=600
    )
    assert done.returncode == 0, done.stderr[-4000:]
    return [line for line in done.stdout.splitlines() if "WARNING" not in line]


@pytest.mark.parametrize("name", NAMES)
def test_here(name, folder):
    """The recorded lines are MindSpore's: see the test below."""
    found = lines([sys.executable, "-m", "declspore.compat", f"{name}.py"], folder)
    assert found == (SCRIPTS / f"{name}.txt").read_text().splitlines()


@pytest.mark.mindspore
@pytest.mark.parametrize("name", NAMES)
def test_there(name, folder):
    python = mindspore_python()
    if python is None:
        pytest.skip("MindSpore is not installed; see CONTRIBUTING.md")
    found = lines([python, f"{name}.py"], folder)
    assert found == (SCRIPTS / f"{name}.txt").read_text().splitlines()
