"""Python's collector, held while trees and plans grow.

A syntax tree, a plan and what is made of them live until the end, so that looking through them
again and again for garbage finds none and costs as much as the work itself.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def kept() -> Iterator[None]:
    """Collect nothing within; afterwards as before."""
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
