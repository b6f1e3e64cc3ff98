"""``add``: a new entry."""

from __future__ import annotations

from collections.abc import Sequence

from declspore.registry.signature import signature
from declspore.registry.undoing import Became, Undoing
from declspore.registry.verb import VerbKind


def _undo(undoing: Undoing, outcomes: Sequence[Became]) -> None:
    for outcome in outcomes:
        assert outcome.result is not None
        undoing.delete(outcome.result.name)


KINDS = (
    VerbKind(
        name="add",
        signature=signature(),
        summary="A new entry after all others. With `from`, parameters of a network that no entry "
        "is named after, as the network would begin with them.",
        example="add `fc3.bias` = zeros([10])",
        clauses=frozenset({"value", "from", "count"}),
        about="new",
        undo=_undo,
        sign="+",
        past="added",
        flag="'A = VALUE'",
        flag_help="Add an entry.",
    ),
)
