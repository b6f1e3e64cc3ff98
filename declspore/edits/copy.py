"""``copy``: entries under a second name."""

from __future__ import annotations

from declspore.ir.edit import Copied
from declspore.registry.signature import signature
from declspore.registry.verb import MATCHING, VerbKind

KINDS = (
    VerbKind(
        name="copy",
        signature=signature(),
        summary="The entries reach the output under another name too, behind all others; with `=` "
        "with another value. What else becomes of them is said by other rules. Optimizer slots do "
        "not follow.",
        example="copy src.`fc1.{p}` -> `fc2.{p}`",
        clauses=MATCHING | {"target", "value"},
        borrows=True,
        leads=True,
        required=frozenset({"target"}),
        effect=lambda matched: Copied(matched.targets[0], matched.value),
    ),
)
