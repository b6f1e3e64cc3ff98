"""``add``: a new entry."""

from __future__ import annotations

from declspore.registry.signature import signature
from declspore.registry.verb import VerbKind

KINDS = (
    VerbKind(
        name="add",
        signature=signature(),
        summary="A new entry behind all others. With `from`, parameters of a network that no entry "
        "is named after, as the network would begin with them.",
        example="add `fc3.bias` = zeros([10])",
        clauses=frozenset({"value", "from", "count"}),
        about="new",
    ),
)
