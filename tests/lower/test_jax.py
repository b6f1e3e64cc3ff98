"""What MindSpore's numbers are compared with holds on the JAX backend of Keras too.

One backend a process, so these tests run again in another one.
"""

import importlib.util
import os
import subprocess
import sys

import pytest

from tests.conftest import ROOT

FILES = ("test_cells.py", "test_ops.py", "test_sequences.py", "test_losses.py")
WIDTH = "default:Explicitly requested dtype int64"
"""JAX has no int64 unless it is told to, and warns that it takes int32 in its place."""


@pytest.mark.jax
@pytest.mark.skipif(importlib.util.find_spec("jax") is None, reason="JAX is not installed")
@pytest.mark.parametrize("file", FILES)
def test_on_jax(file):
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", f"tests/lower/{file}"],
        cwd=ROOT,
        env={**os.environ, "KERAS_BACKEND": "jax", "PYTEST_ADDOPTS": f"-W '{WIDTH}'"},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]
