"""Edit verbs: what a rule does to the entries it matches.

A rule sees the immutable header of the inputs; its effect is a value, carried out later. So the
order of rules never matters, and renames are simultaneous.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar, Literal

from declspore.ir.edit import Effect, Name, Value
from declspore.registry.kind import Kind

MATCHING = frozenset({"except", "where", "from", "count"})
"""Clauses that say which entries a rule is about."""


@dataclass(frozen=True, slots=True)
class Matched:
    """What a rule says of one entry: its new names, and its new value."""

    targets: tuple[Name, ...]
    value: Value | None


@dataclass(frozen=True, kw_only=True)
class VerbKind(Kind):
    """A verb.

    ``clauses`` are what may follow the operands: ``target`` (-> `path`), ``targets`` (several),
    ``value`` (= ...), and those of :data:`MATCHING`; ``required`` those that must. ``about`` is
    whether a rule is about entries, one by one (``effect(matched)`` is what happens to each),
    about ``groups`` of entries, or about ``new`` ones. One that ``borrows`` may be about entries
    of a file that is only used. Where one ``leads``, a slot that it matches beside its weight is
    left to follow that weight.
    """

    family: ClassVar[str] = "verb"

    clauses: frozenset[str]
    required: frozenset[str] = frozenset()
    about: Literal["entries", "groups", "new"] = "entries"
    borrows: bool = False
    leads: bool = False
    effect: Callable[[Matched], Effect] | None = None
