"""Effects of edit rules on entries of a checkpoint: a closed set that planner and writer match."""

from __future__ import annotations

from dataclasses import dataclass

from declspore.ir.formula import Formula

Value = Formula | tuple[Formula, ...]
"""A value to be written; one for each file of an output of several."""


@dataclass(frozen=True, slots=True)
class Name:
    """A name in an output."""

    output: str
    name: str


@dataclass(frozen=True, slots=True)
class Deleted:
    """The entry does not reach the output."""


@dataclass(frozen=True, slots=True)
class Renamed:
    """The entry reaches the output under another name."""

    to: Name


@dataclass(frozen=True, slots=True)
class Assigned:
    """The entry reaches the output with another value."""

    value: Value


@dataclass(frozen=True, slots=True)
class Copied:
    """Beside what else becomes of it, the entry reaches the output under another name; with its
    own value where ``value`` is None."""

    to: Name
    value: Value | None


@dataclass(frozen=True, slots=True)
class Joined:
    """The entry becomes a part of another."""

    to: Name


@dataclass(frozen=True, slots=True)
class Split:
    """The entry becomes several."""

    parts: tuple[tuple[Name, Formula], ...]


@dataclass(frozen=True, slots=True)
class Kept:
    """The entry reaches the output as it is, whatever other rules would have followed."""


Effect = Deleted | Renamed | Assigned | Copied | Joined | Split | Kept
