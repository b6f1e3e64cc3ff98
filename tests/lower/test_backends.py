"""What MindSpore's numbers are compared with holds on Keras's other backends too, and training is
the same there as on TensorFlow.

One backend a process, so these tests run again in another one: of each word the first case, all of
them with ``--every-case``.
"""

import importlib.util
import os
import subprocess
import sys

import pytest

from tests.conftest import ROOT

FORWARD = (
    "test_cells.py::test_cell",
    "test_ops.py::test_op",
    "test_sequences.py::test_sequence",
    "test_losses.py::test_loss",
)
TRAINING = ("test_optimizers.py::test_trajectory", "test_keras_ways.py")
QUICK = "--xla_backend_optimization_level=0 --xla_llvm_disable_expensive_passes=true"
"""Each case is compiled and run once: to compile it well takes longer than it saves."""


def _there(package):
    return pytest.mark.skipif(
        importlib.util.find_spec(package) is None, reason=f"{package} is not installed"
    )


BACKENDS = [
    pytest.param("jax", marks=[pytest.mark.jax, _there("jax")]),
    pytest.param("torch", marks=[pytest.mark.torch, _there("torch")]),
]


@pytest.mark.parametrize("backend", BACKENDS)
def test_forward(backend, request):
    every = request.config.getoption("--every-case")
    _passes(backend, FORWARD + TRAINING if every else FORWARD, () if every else ("--one-each",))


def _passes(backend, tests, options):
    done = subprocess.run(
        [
            *(sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *options),
            "-Wdefault::DeprecationWarning",  # Keras asks PyTorch for what it is about to drop
            *(f"tests/lower/{test}" for test in tests),
        ],
        cwd=ROOT,
        env={**os.environ, "KERAS_BACKEND": backend, "XLA_FLAGS": QUICK},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]
