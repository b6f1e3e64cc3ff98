"""``set``: entries with another value."""

from __future__ import annotations

from declspore.ir.edit import Assigned, Effect
from declspore.registry.signature import signature
from declspore.registry.verb import Matched, VerbKind


def _effect(matched: Matched) -> Effect:
    assert matched.value is not None
    return Assigned(matched.value)


KINDS = (
    VerbKind(
        name="set",
        signature=signature(),
        summary="The entries reach the output with another value. Type and shape may change; the "
        "plan shows it.",
        example="set src.`fc1.bias` = zeros([120])",
        clauses=frozenset({"value", "except", "count"}),
        required=frozenset({"value"}),
        effect=_effect,
    ),
)
