"""The types that layers compute in: those of the spec, or of a policy that the program sets."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import keras


@contextmanager
def own_types() -> Iterator[None]:
    """Build layers in float32 where nothing but ``floatx``, which a configuration file of Keras
    can set, says otherwise. A policy that a program sets, such as ``mixed_float16``, stays."""
    before, policy = keras.config.floatx(), keras.config.dtype_policy()
    if before == "float32" or policy.name != before:
        yield
        return
    keras.config.set_floatx("float32")
    keras.config.set_dtype_policy("float32")
    try:
        yield
    finally:
        keras.config.set_floatx(before)
        keras.config.set_dtype_policy(policy)
