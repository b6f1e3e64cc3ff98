"""The bounds that a fuzzer holds itself to: time for each input, memory for the process."""

from __future__ import annotations

import resource
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

SECONDS = 10
"""What an input may take of a processor."""
_CLOCK = 60
"""What it may take by the clock, where other processes keep the machine busy."""


def _late(*_: object) -> None:
    raise TimeoutError(f"more than {SECONDS} seconds of a processor, or {_CLOCK} by the clock")


@contextmanager
def watching() -> Iterator[None]:
    """Within it, :func:`begin` gives an input its time. TimeoutError ends what takes longer."""
    signals = (signal.SIGALRM, signal.SIGPROF)
    previous = [(each, signal.signal(each, _late)) for each in signals]
    try:
        yield
    finally:
        end()
        for each, handler in previous:
            signal.signal(each, handler)


def begin() -> None:
    signal.alarm(_CLOCK)
    signal.setitimer(signal.ITIMER_PROF, SECONDS)


def end() -> None:
    signal.alarm(0)
    signal.setitimer(signal.ITIMER_PROF, 0)


def limit_memory(room: int) -> None:
    """Let a wish for so much more memory than the process has fail."""
    used = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (used + room, used + room))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


class Budget:
    """So many seconds of a processor."""

    def __init__(self, seconds: float) -> None:
        self._until = time.process_time() + seconds

    @property
    def is_left(self) -> bool:
        return time.process_time() < self._until
