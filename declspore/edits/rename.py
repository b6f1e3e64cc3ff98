"""``rename``: entries under another name, all at once."""

from __future__ import annotations

from declspore.ir.edit import Effect, Renamed
from declspore.registry.signature import signature
from declspore.registry.verb import Matched, VerbKind


def _effect(matched: Matched) -> Effect:
    assert matched.target is not None
    return Renamed(matched.target.fill(matched.captures))


KINDS = (
    VerbKind(
        name="rename",
        signature=signature(),
        summary="The entries reach the output under another name; all renames of an edit are "
        "simultaneous. Optimizer slots follow their weight.",
        example="rename src.`fc1.{p}` -> `head.{p}`",
        clauses=frozenset({"target", "except", "count"}),
        required=frozenset({"target"}),
        effect=_effect,
    ),
)
