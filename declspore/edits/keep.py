"""``keep``: entries left as they are, against ``rest delete`` or against following a weight."""

from __future__ import annotations

from declspore.ir.edit import Kept
from declspore.registry.signature import signature
from declspore.registry.verb import MATCHING, VerbKind

KINDS = (
    VerbKind(
        name="keep",
        signature=signature(),
        summary="The entries reach the output as they are, also optimizer slots of a weight that "
        "is deleted or renamed.",
        example="keep src.`moments.conv1.weight`",
        clauses=MATCHING,
        effect=lambda matched: Kept(),
    ),
)
