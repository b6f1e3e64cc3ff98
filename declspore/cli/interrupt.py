"""Ctrl-C that is not lost.

Python raises KeyboardInterrupt wherever it happens to be; within a destructor or a callback of a
library the exception is dropped, and a training would continue for hours. So it is raised again at
the next step of progress.
"""

from __future__ import annotations

import signal
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from types import FrameType

from declspore.plan.task import TaskPlan
from declspore.run.task import Reporter, Result


class _Watched:
    """A reporter that stops the work once it was interrupted."""

    def __init__(self, reporter: Reporter) -> None:
        self._reporter = reporter
        self.interrupted = False

    def begin(self, plan: TaskPlan) -> None:
        self._reporter.begin(plan)

    def progress(
        self, done: int, total: int, text: str, numbers: Mapping[str, float] | None = None
    ) -> None:
        if self.interrupted:
            raise KeyboardInterrupt
        self._reporter.progress(done, total, text, numbers)

    def note(self, text: str) -> None:
        self._reporter.note(text)

    def end(self, result: Result) -> None:
        self._reporter.end(result)


@contextmanager
def interruptible(reporter: Reporter) -> Iterator[Reporter]:
    """A reporter to work with while Ctrl-C is listened for (unless the process ignores it)."""
    watched = _Watched(reporter)

    def interrupt(number: int, frame: FrameType | None) -> None:
        watched.interrupted = True
        signal.default_int_handler(number, frame)

    if signal.getsignal(signal.SIGINT) is not signal.default_int_handler:
        yield watched
        return
    signal.signal(signal.SIGINT, interrupt)
    try:
        yield watched
    finally:
        signal.signal(signal.SIGINT, signal.default_int_handler)
