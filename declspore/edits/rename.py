"""``rename``: entries under another name, all at once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from declspore.dataclass import dataclass
from declspore.ir.edit import Name, Value
from declspore.registry.effect import NAME, Effect, Fate, SlotOfWeight, Stuck
from declspore.registry.signature import signature
from declspore.registry.undoing import Became, Undoing, undo_value
from declspore.registry.verb import MATCHING, Matched, VerbKind


@dataclass(frozen=True, slots=True)
class Renamed(Effect):
    """The entry reaches the output under another name."""

    decides: ClassVar[frozenset[str]] = frozenset({NAME})

    to: Name

    def followed(self, slot: SlotOfWeight) -> Effect | None:
        return Renamed(slot.named(self.to))

    def apply(self, fate: Fate) -> None:
        fate.rename(self.to)


@dataclass(frozen=True, slots=True)
class Remade(Effect):
    """The entry reaches the output under another name and with another value."""

    to: Name
    value: Value

    def followed(self, slot: SlotOfWeight) -> Effect | None:
        name = slot.named(self.to)
        if slot.is_alike and slot.moves(self.value):
            if isinstance(self.value, tuple):
                return Remade(name, tuple(map(slot.moved, self.value)))
            return Remade(name, slot.moved(self.value))
        if slot.stays_right(self.value):
            return Renamed(name)
        raise Stuck

    def apply(self, fate: Fate) -> None:
        fate.rename(self.to)
        fate.assign(self.value)


def _effect(matched: Matched) -> Effect:
    (to,) = matched.targets
    return Renamed(to) if matched.value is None else Remade(to, matched.value)


def _undo(undoing: Undoing, outcomes: Sequence[Became]) -> None:
    for outcome in outcomes:
        if outcome.formulas:
            undo_value(undoing, outcome)
            continue
        assert outcome.entry is not None
        assert outcome.result is not None
        undoing.rename(outcome.result.name, outcome.entry.name)


KINDS = (
    VerbKind(
        name="rename",
        signature=signature(),
        summary="The entries reach the output under another name, with `=` with another value, "
        "too; all renames of an edit are simultaneous. Optimizer slots follow their weight.",
        example="rename src.`fc1.{p}` -> `head.{p}`",
        clauses=MATCHING | {"target", "value"},
        leads=True,
        required=frozenset({"target"}),
        effect=_effect,
        undo=_undo,
        sign=">",
        past="renamed",
        flag="'A -> B'",
        flag_help="Give entries another name; optimizer slots follow.",
    ),
)
