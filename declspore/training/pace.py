"""How long steps take, so that many of them at once do not delay a signal."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

from declspore.dataclass import dataclass

MOST_STEPS = 32
"""Steps run at once where nothing needs a pause: more brings nothing measurable."""
_LONGEST = 1.0
"""Seconds after which a signal is noticed, and progress is shown."""
_UNKNOWN = 1 << 30


@dataclass
class Timing:
    """How many steps were made."""

    steps: int = 0


class Pace:
    """The time of a step, by the latest execution. The first one compiles and says nothing."""

    def __init__(self) -> None:
        self._seconds: float | None = None
        self._compiled = False

    @property
    def most(self) -> int:
        """How many steps take about a second."""
        return max(int(_LONGEST / self._seconds), 1) if self._seconds else _UNKNOWN

    @contextmanager
    def timed(self) -> Iterator[Timing]:
        """Measure an execution."""
        timing, begun = Timing(), time.monotonic()
        yield timing
        if self._compiled and timing.steps:
            self._seconds = (time.monotonic() - begun) / timing.steps
        self._compiled = True
