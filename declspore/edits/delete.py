"""``delete``: entries that do not reach the output."""

from __future__ import annotations

from declspore.ir.edit import Deleted
from declspore.registry.signature import signature
from declspore.registry.verb import MATCHING, VerbKind

KINDS = (
    VerbKind(
        name="delete",
        signature=signature(),
        summary="The entries do not reach the output. Optimizer slots go with their weight.",
        example="delete src.`fc3.*` exactly 2",
        clauses=MATCHING,
        effect=lambda matched: Deleted(),
    ),
)
