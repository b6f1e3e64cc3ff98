"""``delete``: entries that do not reach the output."""

from __future__ import annotations

from collections.abc import Sequence

from declspore.dataclass import dataclass
from declspore.registry.effect import Effect, Fate, SlotOfWeight
from declspore.registry.signature import signature
from declspore.registry.undoing import Became, Undoing
from declspore.registry.verb import MATCHING, VerbKind


@dataclass(frozen=True, slots=True)
class Deleted(Effect):
    """The entry does not reach the output."""

    def followed(self, slot: SlotOfWeight) -> Effect | None:
        return self

    def apply(self, fate: Fate) -> None:
        fate.delete()


def _undo(undoing: Undoing, outcomes: Sequence[Became]) -> None:
    for outcome in outcomes:
        assert outcome.entry is not None
        undoing.lose(outcome.entry.name, "it is deleted")


KINDS = (
    VerbKind(
        name="delete",
        signature=signature(),
        summary="The entries do not reach the output. Optimizer slots go with their weight.",
        example="delete src.`fc3.*` exactly 2",
        clauses=MATCHING,
        is_policy=True,
        effect=lambda matched: Deleted(),
        undo=_undo,
        sign="-",
        past="deleted",
        flag="PATTERN",
        flag_help="Leave entries out; their optimizer slots go with them.",
    ),
)
