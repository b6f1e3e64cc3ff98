"""Loading TensorFlow without the messages its libraries write before any setting can stop them, and
without what commands do not use of it."""

from __future__ import annotations

import importlib
import os
import sys
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType

from declspore.collector import usually
from declspore.engine import require

_LEFT_OUT = {"sklearn": None, "jax": "jax"}
"""What Keras and TensorFlow import where it is installed, for wrappers and converters that no
command uses, which takes a second; and the backend that needs it."""
_WRAPPERS = ("keras.src.wrappers", "keras._tf_keras.keras.wrappers", "keras.wrappers")

_THEIRS = r"(keras|tensorflow)(\.|$)"
"""Modules whose deprecated ways are not the user's to mend, whatever PYTHONWARNINGS says."""


def load_quietly(*modules: str) -> None:
    """Import modules with the process's error stream put aside; shown only where that fails.

    Raises EngineMissing where Keras or its backend is not installed.
    """
    require()
    warnings.filterwarnings("ignore", category=DeprecationWarning, module=_THEIRS)
    usually()
    sys.stderr.flush()
    kept = os.dup(2)
    with tempfile.TemporaryFile() as aside:
        os.dup2(aside.fileno(), 2)
        try:
            _load_keras()
            for module in modules:
                importlib.import_module(module)
        except Exception:
            os.dup2(kept, 2)
            aside.seek(0)
            os.write(2, aside.read())
            raise
        finally:
            os.dup2(kept, 2)
            os.close(kept)
    _forget_settings()


def _load_keras() -> None:
    if "keras" in sys.modules:
        return
    backend = os.environ.get("KERAS_BACKEND")
    with absent(*(name for name, needs in _LEFT_OUT.items() if needs != backend)):
        importlib.import_module("keras")
    # a program that imports the wrappers of scikit-learn later gets them whole
    for name in list(sys.modules):
        if name.startswith(_WRAPPERS):
            del sys.modules[name]


@contextmanager
def absent(*names: str) -> Iterator[None]:
    """Packages that are not loaded yet are as if they were not installed, within."""
    finder = _Absent(names)
    sys.meta_path.insert(0, finder)
    try:
        yield
    finally:
        sys.meta_path.remove(finder)


class _Absent:
    """A finder of modules that refuses some."""

    def __init__(self, names: tuple[str, ...]) -> None:
        self._names = names

    def find_spec(self, name: str, path: object = None, target: object = None) -> None:
        if name in self._names:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)


def _forget_settings() -> None:
    """Numbers are those that a spec states, whatever the configuration file of Keras says."""
    keras: ModuleType | None = sys.modules.get("keras")
    if keras is not None:
        keras.config.set_floatx("float32")
        keras.config.set_epsilon(1e-7)
        keras.config.set_image_data_format("channels_last")
        keras.config.set_dtype_policy("float32")
