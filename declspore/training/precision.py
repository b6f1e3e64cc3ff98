"""The type that layers compute in, while a network is compiled."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import keras


@contextmanager
def computing_in(dtype: str | None) -> Iterator[None]:
    """Layers that are made within the block compute in a type, with parameters in float32; None
    leaves Keras's own setting."""
    if dtype is None:
        yield
        return
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy(f"mixed_{dtype}")
    try:
        yield
    finally:
        keras.config.set_dtype_policy(before)
