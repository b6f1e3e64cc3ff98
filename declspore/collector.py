"""Pauses of Python's garbage collector, while trees and plans grow.

A syntax tree, a plan and what is made of them live until the end, so that looking through them
again and again for garbage finds none and costs as much as the work itself.
"""

from __future__ import annotations

import atexit
import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def paused() -> Iterator[None]:
    """Collect nothing within the block."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


@contextmanager
def passed_over() -> Iterator[None]:
    """Let the collector pass over all that exists now, within."""
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()


_RARELY = 10_000
"""New objects from which on a command that computes nothing is looked through."""
_USUALLY = gc.get_threshold()


def rarely() -> None:
    """Look for garbage seldom, and no more when the process ends, which gives all back anyway: of a
    command that takes 0.2 s the collector would take a fifth."""
    gc.set_threshold(_RARELY, *_USUALLY[1:])
    atexit.register(gc.freeze)


def usually() -> None:
    """Look for garbage as often as Python does by itself: tensors may hang on it."""
    gc.set_threshold(*_USUALLY)
