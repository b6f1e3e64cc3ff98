"""Loading TensorFlow without the messages its libraries write before any setting can stop them."""

from __future__ import annotations

import importlib
import os
import sys
import tempfile
from types import ModuleType

from declspore.engine import require
from declspore.garbage import usually


def load_quietly(*modules: str) -> None:
    """Import modules with the process's error stream put aside; shown only where that fails.

    Raises EngineMissing where Keras or its backend is not installed.
    """
    require()
    usually()
    sys.stderr.flush()
    kept = os.dup(2)
    with tempfile.TemporaryFile() as aside:
        os.dup2(aside.fileno(), 2)
        try:
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


def _forget_settings() -> None:
    """Numbers are those that a spec states, whatever the configuration file of Keras says."""
    keras: ModuleType | None = sys.modules.get("keras")
    if keras is not None:
        keras.config.set_floatx("float32")
        keras.config.set_epsilon(1e-7)
        keras.config.set_image_data_format("channels_last")
        keras.config.set_dtype_policy("float32")
