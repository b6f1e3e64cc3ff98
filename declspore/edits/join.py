"""``join``: several entries become one."""

from __future__ import annotations

from declspore.registry.signature import signature
from declspore.registry.verb import MATCHING, VerbKind

KINDS = (
    VerbKind(
        name="join",
        signature=signature(),
        summary="Entries become one, whose value is made of `them`: operand by operand, the "
        "entries of one in the natural order of their names. What the new name captures tells "
        "which belong together; all groups must be of one size. It stands where the first of them "
        "stood. Where elements only move, optimizer slots follow.",
        example="join src.`{b**}.q`, src.`{b}.k` -> `{b}.qk` = concat(them)",
        clauses=MATCHING | {"target", "value"},
        borrows=True,
        leads=True,
        required=frozenset({"target", "value"}),
        about="groups",
    ),
)
