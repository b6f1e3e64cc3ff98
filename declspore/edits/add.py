"""``add``: a new entry."""

from __future__ import annotations

from declspore.registry.signature import signature
from declspore.registry.verb import VerbKind

KINDS = (
    VerbKind(
        name="add",
        signature=signature(),
        summary="A new entry behind all others.",
        example="add `fc3.bias` = zeros([10])",
        clauses=frozenset({"value"}),
        required=frozenset({"value"}),
    ),
)
