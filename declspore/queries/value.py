"""Queries that read tensors."""

from __future__ import annotations

from declspore.ir.term import Arguments
from declspore.registry.query import Entries, QueryKind
from declspore.registry.signature import Argument, signature

_INFINITY = float("inf")


def _finite(a: Arguments) -> bool:
    floats = (entry.name for entry in a.entries.entries if entry.dtype.is_float)
    return all((abs(a.entries.array(name)) < _INFINITY).all() for name in floats)


KINDS = (
    QueryKind(
        name="finite",
        signature=signature(Argument("entries", Entries(), help="entries to look at")),
        summary="Whether no value is infinite or not a number.",
        example="finite(dst.`**`)",
        answer=_finite,
    ),
)
