"""``rename``: entries under another name, all at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from declspore.ir.edit import Name
from declspore.registry.effect import NAME, Effect, Fate, SlotOfWeight
from declspore.registry.signature import signature
from declspore.registry.undoing import Became, Undoing
from declspore.registry.verb import MATCHING, VerbKind


@dataclass(frozen=True, slots=True)
class Renamed(Effect):
    """The entry reaches the output under another name."""

    decides: ClassVar[frozenset[str]] = frozenset({NAME})

    to: Name

    def followed(self, slot: SlotOfWeight) -> Effect | None:
        return Renamed(slot.named(self.to))

    def apply(self, fate: Fate) -> None:
        fate.rename(self.to)


def _undo(undoing: Undoing, outcomes: Sequence[Became]) -> None:
    for outcome in outcomes:
        assert outcome.entry is not None
        assert outcome.result is not None
        undoing.rename(outcome.result.name, outcome.entry.name)


KINDS = (
    VerbKind(
        name="rename",
        signature=signature(),
        summary="The entries reach the output under another name; all renames of an edit are "
        "simultaneous. Optimizer slots follow their weight.",
        example="rename src.`fc1.{p}` -> `head.{p}`",
        clauses=MATCHING | {"target"},
        leads=True,
        required=frozenset({"target"}),
        effect=lambda matched: Renamed(matched.targets[0]),
        undo=_undo,
        sign=">",
        past="renamed",
        flag="'A -> B'",
        flag_help="Give entries another name; optimizer slots follow.",
    ),
)
