"""Effects of edit rules on entries of a checkpoint: a closed set that planner and writer match."""

from __future__ import annotations

from dataclasses import dataclass

from declspore.ir.term import Term


@dataclass(frozen=True, slots=True)
class Deleted:
    """The entry does not reach the output."""


@dataclass(frozen=True, slots=True)
class Renamed:
    """The entry reaches the output under another name."""

    name: str


@dataclass(frozen=True, slots=True)
class Assigned:
    """The entry reaches the output with another value."""

    value: Term


@dataclass(frozen=True, slots=True)
class Kept:
    """The entry reaches the output as it is, whatever other rules would have followed."""


Effect = Deleted | Renamed | Assigned | Kept
