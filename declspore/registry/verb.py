"""Edit verbs: what a rule does to the entries it matches.

A rule sees the immutable header of the inputs; its effect is a value, carried out later. So the
order of rules never matters, and renames are simultaneous.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import ClassVar

from declspore.ir.edit import Effect
from declspore.ir.header import HeaderEntry
from declspore.ir.pattern import Template
from declspore.ir.term import Term
from declspore.registry.kind import Kind


@dataclass(frozen=True, slots=True)
class Matched:
    """An entry a rule matched, what its pattern captured, and the clauses of the rule."""

    entry: HeaderEntry
    captures: Mapping[str, str]
    target: Template | None
    value: Term | None


@dataclass(frozen=True, kw_only=True)
class VerbKind(Kind):
    """A verb.

    ``clauses`` are what may follow the operands: ``target`` (-> `path`), ``value`` (= ...),
    ``except`` and ``count``; ``required`` those that must. ``effect(matched)`` is what happens
    to an entry. A verb that ``creates`` names a new entry instead of matching any.
    """

    family: ClassVar[str] = "verb"

    clauses: frozenset[str]
    required: frozenset[str] = frozenset()
    effect: Callable[[Matched], Effect] | None = None

    @property
    def creates(self) -> bool:
        return self.effect is None
