"""``split``: one entry becomes several."""

from __future__ import annotations

from collections.abc import Sequence

from declspore.dataclass import dataclass
from declspore.ir.edit import Name
from declspore.ir.formula import Formula, entries
from declspore.registry.effect import Effect, Fate, SlotOfWeight, Stuck
from declspore.registry.inverse import Lossy
from declspore.registry.signature import signature
from declspore.registry.undoing import Became, Undoing
from declspore.registry.verb import MATCHING, Matched, VerbKind


@dataclass(frozen=True, slots=True)
class Split(Effect):
    """The entry becomes several."""

    parts: tuple[tuple[Name, Formula], ...]

    def followed(self, slot: SlotOfWeight) -> Effect | None:
        if not (slot.is_alike and all(slot.moves(part) for _, part in self.parts)):
            raise Stuck
        return Split(tuple((slot.named(name), slot.moved(part)) for name, part in self.parts))

    def apply(self, fate: Fate) -> None:
        fate.become(*self.parts)


def _effect(matched: Matched) -> Effect:
    assert isinstance(matched.value, tuple)
    return Split(tuple(zip(matched.targets, matched.value, strict=True)))


def _undo(undoing: Undoing, outcomes: Sequence[Became]) -> None:
    """By a join."""
    names = [part.result.name for part in outcomes if part.result is not None]
    parts = [part.formulas[0] for part in outcomes]
    read = entries(parts[0])
    origin = read[0].name if read else ""
    try:
        found = undoing.rejoined(parts)
        value = undoing.alone(found.whole, found.text, origin)
    except Lossy as error:
        for name in names:
            undoing.delete(name)
        undoing.lose(origin, str(error))
        return
    operands = ", ".join(f"src.`{names[index]}`" for index in found.order)
    undoing.add(f"join {operands} -> `{origin}` = {value}")


KINDS = (
    VerbKind(
        name="split",
        signature=signature(),
        summary="An entry becomes several, whose values are a list made of `it`. One name with "
        "`{part}` counts them from 0. They take its place. Where elements only move, "
        "optimizer slots follow.",
        example="split src.`{b**}.qk` -> `{b}.q`, `{b}.k` = chunk(it, 2)",
        clauses=MATCHING | {"targets", "value"},
        borrows=True,
        leads=True,
        required=frozenset({"targets", "value"}),
        effect=_effect,
        undo=_undo,
        sign="/",
        infinitive="split off",
        past="split off",
        flag="'A -> B, C = VALUE'",
        flag_help="Make several entries of one; `it` is the old one.",
    ),
)
