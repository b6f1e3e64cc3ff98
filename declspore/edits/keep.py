"""``keep``: entries left as they are, against ``rest delete`` or against following a weight."""

from __future__ import annotations

from collections.abc import Sequence

from declspore.dataclass import dataclass
from declspore.registry.effect import Effect
from declspore.registry.signature import signature
from declspore.registry.undoing import Became, Undoing
from declspore.registry.verb import MATCHING, VerbKind


@dataclass(frozen=True, slots=True)
class Kept(Effect):
    """The entry reaches the output as it is, whatever other rules would have followed."""


def _undo(undoing: Undoing, outcomes: Sequence[Became]) -> None:
    """It is in the output."""


KINDS = (
    VerbKind(
        name="keep",
        signature=signature(),
        summary="The entries reach the output as they are, also optimizer slots of a weight that "
        "is deleted or renamed.",
        example="keep src.`moments.conv1.weight`",
        clauses=MATCHING,
        is_policy=True,
        leaves=True,
        effect=lambda matched: Kept(),
        undo=_undo,
        sign=" ",
        past="kept",
        flag="PATTERN",
        flag_help="Keep entries, against --rest delete or a weight they would follow.",
    ),
)
