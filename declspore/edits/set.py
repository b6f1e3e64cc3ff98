"""``set``: entries with another value."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from declspore.dataclass import dataclass
from declspore.ir.edit import Value
from declspore.registry.effect import VALUE, Effect, Fate, SlotOfWeight, Stuck
from declspore.registry.signature import signature
from declspore.registry.undoing import Became, Undoing, undo_value
from declspore.registry.verb import MATCHING, Matched, VerbKind


@dataclass(frozen=True, slots=True)
class Assigned(Effect):
    """The entry reaches the output with another value."""

    decides: ClassVar[frozenset[str]] = frozenset({VALUE})

    value: Value

    def followed(self, slot: SlotOfWeight) -> Effect | None:
        if slot.is_alike and slot.moves(self.value):
            if isinstance(self.value, tuple):
                return Assigned(tuple(map(slot.moved, self.value)))
            return Assigned(slot.moved(self.value))
        if slot.stays_right(self.value):
            return None
        raise Stuck

    def apply(self, fate: Fate) -> None:
        fate.assign(self.value)


def _effect(matched: Matched) -> Effect:
    assert matched.value is not None
    return Assigned(matched.value)


def _undo(undoing: Undoing, outcomes: Sequence[Became]) -> None:
    for outcome in outcomes:
        undo_value(undoing, outcome)


KINDS = (
    VerbKind(
        name="set",
        signature=signature(),
        summary="The entries reach the output with another value, made of `it`, of other entries "
        "and of numbers. Type and shape may change; the plan shows it. A plain number stands for "
        "every element. Where elements only move, optimizer slots follow their weight.",
        example="set src.`fc1.weight` = transpose(it, [1, 0])",
        clauses=MATCHING | {"value"},
        leads=True,
        required=frozenset({"value"}),
        effect=_effect,
        undo=_undo,
        sign="~",
        past="set",
        flag="'A = VALUE'",
        flag_help="Give entries another value; `it` is the old one.",
    ),
)
