"""Ctrl-C and SIGTERM while a training runs: it ends after a step, with its state kept."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

_SIGNALS = (signal.SIGINT, signal.SIGTERM)
_TERMINATED = 143
"""The exit code of a process that SIGTERM ends."""


class Requested:
    """What a signal asked for."""

    def __init__(self) -> None:
        self.pending: BaseException | None = None

    def note(self, number: int, frame: FrameType | None) -> None:
        """The first signal waits for the end of a step; the second one does not."""
        if self.pending is not None:
            raise KeyboardInterrupt
        is_term = number == signal.SIGTERM
        self.pending = SystemExit(_TERMINATED) if is_term else KeyboardInterrupt()


@contextmanager
def listening() -> Iterator[Requested]:
    """Listen for signals that the process does not ignore and that end it otherwise."""
    requested = Requested()
    if threading.current_thread() is not threading.main_thread():
        yield requested
        return
    before = {number: signal.getsignal(number) for number in _SIGNALS}
    for number, handler in before.items():
        if handler is not signal.SIG_IGN and handler is not None:
            signal.signal(number, requested.note)
    try:
        yield requested
    finally:
        for number, handler in before.items():
            if handler is not None:
                signal.signal(number, handler)
