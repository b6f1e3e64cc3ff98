"""``join``: several entries become one."""

from __future__ import annotations

from collections.abc import Sequence

from declspore.dataclass import dataclass
from declspore.ir.edit import Name
from declspore.registry.effect import Effect, Fate
from declspore.registry.inverse import Lossy
from declspore.registry.signature import signature
from declspore.registry.undoing import Became, Undoing
from declspore.registry.verb import MATCHING, VerbKind


@dataclass(frozen=True, slots=True)
class Joined(Effect):
    """The entry becomes a part of another. Slots follow as a group, like their weights."""

    to: Name

    def apply(self, fate: Fate) -> None:
        fate.become()


def _undo(undoing: Undoing, outcomes: Sequence[Became]) -> None:
    """By a split."""
    (joined,) = outcomes
    assert joined.result is not None
    (formula,) = joined.formulas
    names = undoing.used_up(formula)
    try:
        values = undoing.undone(formula, "it")
        if not set(names) <= set(values):
            raise Lossy("it is not all in the joined value")
    except Lossy as error:
        undoing.delete(joined.result.name)
        for name in names:
            undoing.lose(name, str(error))
        return
    targets = ", ".join(f"`{name}`" for name in names)
    parts = ", ".join(values[name] for name in names)
    undoing.add(f"split src.`{joined.result.name}` -> {targets} = [{parts}]")


KINDS = (
    VerbKind(
        name="join",
        signature=signature(),
        summary="Entries become one, whose value is made of `them`: operand by operand, the "
        "entries of one in the natural order of their names. What the new name captures decides "
        "which belong together; all groups must be of one size. It takes the place of the first of "
        "them. Where elements only move, optimizer slots follow.",
        example="join src.`{b**}.q`, src.`{b}.k` -> `{b}.qk` = concat(them)",
        clauses=MATCHING | {"target", "value"},
        borrows=True,
        leads=True,
        required=frozenset({"target", "value"}),
        about="groups",
        effect=lambda matched: Joined(matched.targets[0]),
        undo=_undo,
        sign="&",
        past="joined",
        flag="'A, B -> C = VALUE'",
        flag_help="Make one entry of several; `them` are the old ones.",
    ),
)
