"""What tasks say while they run, and what comes of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Protocol

from declspore.plan.plan import TaskPlan


@dataclass(frozen=True)
class Trained:
    """A finished training: its last loss, how many checkpoints it saved, and those still there."""

    task: str
    steps: int
    loss: float
    saved: int
    files: tuple[str, ...]


@dataclass(frozen=True)
class Evaluated:
    """The figures of an evaluation by metric."""

    task: str
    figures: dict[str, Any]
    samples: int


@dataclass(frozen=True)
class Edited:
    """A written checkpoint: how many entries each action concerned, its size in bytes, and in words
    what rounding to narrower types lost."""

    task: str
    path: str
    counts: dict[str, int] = field(default_factory=dict)
    nbytes: int = 0
    losses: tuple[str, ...] = ()


Result = Trained | Evaluated | Edited


class Reporter(Protocol):
    """Told of what happens; the command line shows it, other callers may drop it."""

    def begin(self, plan: TaskPlan) -> None: ...

    def progress(self, done: int, total: int, text: str) -> None: ...

    def note(self, text: str) -> None: ...

    def end(self, result: Result) -> None: ...


class Silent:
    """Drops everything."""

    def begin(self, plan: TaskPlan) -> None: ...

    def progress(self, done: int, total: int, text: str) -> None: ...

    def note(self, text: str) -> None: ...

    def end(self, result: Result) -> None: ...
