"""What MindSpore's numbers are compared with holds on Keras's other backends too, and training is
the same there as on TensorFlow.

One backend a process, so tests run again in another one: those of the first case of each word,
forward, and a few more; with ``--every-case`` all of this folder and of
words, with gradients and training.
"""

import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT

pytestmark = pytest.mark.slow

FIRST = (
    "tests/cells/test_cells.py::test_cell",
    "tests/ops/test_ops.py::test_op",
    "tests/cells/test_recurrent.py::test_sequence",
    "tests/losses/test_losses.py::test_loss",
    "tests/lower/test_construct.py",
    "tests/cells/test_embedding.py",
    "tests/policies/test_dynamic_loss_scale.py",
    "tests/training/test_engine.py::test_a_training_that_is_continued_ends_with_the_same_bits[7]",
    "tests/training/test_errors.py::test_data_that_cannot_be_read[1]",
    "tests/policies/test_unfreeze.py::test_a_training_that_is_continued_ends_with_the_same_bits",
)
TRAINING = (
    "tests/policies/test_dynamic_loss_scale.py",
    "tests/training/test_step.py",
    "tests/training/test_engine.py",
    "tests/training/test_errors.py",
    "tests/tasks/train/test_continuing.py::test_it_ends_as_if_it_had_not_been_interrupted",
    "tests/tasks/train/test_continuing.py::test_after_an_error_it_goes_on",
)
WORDS = ("tests/cells", "tests/ops", "tests/losses", "tests/metrics", "tests/optimizers")
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
def test_backend(backend, request):
    first = ("--one-each", *FIRST)
    every = ("tests/lower", *WORDS, *TRAINING, f"--ignore={Path(__file__).relative_to(ROOT)}")
    chosen = every if request.config.getoption("--every-case") else first
    done = subprocess.run(
        [
            *(sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *chosen),
            "-Wdefault::DeprecationWarning",  # Keras asks PyTorch for what it is about to drop
        ],
        cwd=ROOT,
        env={**os.environ, "KERAS_BACKEND": backend, "XLA_FLAGS": QUICK},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]
