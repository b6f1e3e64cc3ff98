"""Several devices of one process that share every batch, whatever the backend."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module

import keras


class TooFew(Exception):
    """The process does not have so many devices: the message says why, ``help`` what to do."""

    def __init__(self, message: str, help: str) -> None:
        super().__init__(message)
        self.help = help


@contextmanager
def spread(count: int) -> Iterator[None]:
    """Train on so many devices of this process within the block.

    It must be entered before the backend has computed anything, since a backend divides a processor
    into devices only then. Raises TooFew where there are not so many.
    """
    if count == 1:
        yield
        return
    module = import_module(f"declspore.training.backends.on_{keras.backend.backend()}")
    if not hasattr(module, "spread"):
        reason = f"{keras.backend.backend()} trains on one device here"
        raise TooFew(reason, "KERAS_BACKEND=tensorflow, or jax")
    with module.spread(count):
        yield
