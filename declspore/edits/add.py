"""``add``: a new entry."""

from __future__ import annotations

from declspore.registry.signature import signature
from declspore.registry.undoing import delete_results
from declspore.registry.verb import VerbKind

KINDS = (
    VerbKind(
        name="add",
        signature=signature(),
        summary="A new entry after all others. With `from`, parameters of a network that no entry "
        "is named after, as the network would begin with them.",
        example="add `fc3.bias` = zeros([10])",
        clauses=frozenset({"value", "from", "count"}),
        about="new",
        undo=delete_results,
        sign="+",
        past="added",
        flag="'A = VALUE'",
        flag_help="Add an entry.",
    ),
)
