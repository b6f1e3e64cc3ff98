"""``split``: one entry becomes several."""

from __future__ import annotations

from declspore.ir.edit import Effect, Split
from declspore.registry.signature import signature
from declspore.registry.verb import MATCHING, Matched, VerbKind


def _effect(matched: Matched) -> Effect:
    assert isinstance(matched.value, tuple)
    return Split(tuple(zip(matched.targets, matched.value, strict=True)))


KINDS = (
    VerbKind(
        name="split",
        signature=signature(),
        summary="An entry becomes several, whose values are a list made of `it`. One name with "
        "`{part}` counts them from 0. They stand where it stood. Where elements only move, "
        "optimizer slots follow.",
        example="split src.`{b**}.qk` -> `{b}.q`, `{b}.k` = chunk(it, 2)",
        clauses=MATCHING | {"targets", "value"},
        borrows=True,
        leads=True,
        required=frozenset({"targets", "value"}),
        effect=_effect,
    ),
)
