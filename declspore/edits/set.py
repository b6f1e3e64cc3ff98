"""``set``: entries with another value."""

from __future__ import annotations

from declspore.ir.edit import Assigned, Effect
from declspore.registry.signature import signature
from declspore.registry.verb import MATCHING, Matched, VerbKind


def _effect(matched: Matched) -> Effect:
    assert matched.value is not None
    return Assigned(matched.value)


KINDS = (
    VerbKind(
        name="set",
        signature=signature(),
        summary="The entries reach the output with another value, made of `it`, of other entries "
        "and of numbers. Type and shape may change; the plan shows it. A plain number stands for "
        "every element. Where elements only move, optimizer slots follow their weight.",
        example="set src.`fc1.weight` = transpose(it, [1, 0])",
        clauses=MATCHING | {"value"},
        leads=True,
        required=frozenset({"value"}),
        effect=_effect,
    ),
)
