"""``rename``: entries under another name, all at once."""

from __future__ import annotations

from declspore.ir.edit import Renamed
from declspore.registry.signature import signature
from declspore.registry.verb import MATCHING, VerbKind

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
    ),
)
