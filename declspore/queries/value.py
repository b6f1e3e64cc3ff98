"""Queries that read tensors."""

from __future__ import annotations

from declspore.ir.term import Arguments
from declspore.registry.query import Entries, QueryKind
from declspore.registry.signature import Argument, signature


def _finite(a: Arguments) -> bool:
    return all(
        not (array != array).any() and not (abs(array) == float("inf")).any()
        for array in (
            a.entries.array(entry.name) for entry in a.entries.entries if entry.dtype.is_float
        )
    )


KINDS = (
    QueryKind(
        name="finite",
        signature=signature(Argument("entries", Entries(), help="entries to look at")),
        summary="Whether no value is infinite or not a number.",
        example="finite(dst.`**`)",
        answer=_finite,
    ),
)
