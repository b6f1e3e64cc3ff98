"""Expressions that recover what a value was made of, from the inverses of its words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import assert_never

from declspore.ir.formula import Applied, EntryValue, Formula, PartOf, operands
from declspore.registry.inverse import Lossy, Rejoined, Undone
from declspore.registry.op import OpKind
from declspore.registry.table import vocabulary


def undone(formula: Formula, text: str) -> dict[EntryValue, str]:
    """For each entry a value was made of, the expression that gives it back, where ``text`` is
    one for the value. Raises Lossy."""
    match formula:
        case EntryValue():
            return {formula: text}
        case PartOf():
            raise Lossy("a part of it is left out")
        case Applied():
            found: dict[EntryValue, str] = {}
            for inner, expression in _undo(formula, text):
                for entry, back in undone(inner, expression).items():
                    found.setdefault(entry, back)
            return found
        case _:
            assert_never(formula)


def _undo(formula: Applied, text: str) -> Undone:
    kind = vocabulary().get(formula.word)
    if isinstance(kind, OpKind) and kind.undo is not None:
        return kind.undo(formula, text)
    if not operands(formula):
        raise Lossy("its old values are replaced")
    raise Lossy(f"`{formula.word}` keeps no way back")


def rejoined(parts: Sequence[Formula]) -> Rejoined:
    """What several values were split from, by the word that made them. Raises Lossy."""
    first = parts[0].whole if isinstance(parts[0], PartOf) else parts[0]
    kind = vocabulary().get(first.word) if isinstance(first, Applied) else None
    if not isinstance(kind, OpKind) or kind.rejoin is None:
        raise Lossy("its parts are not put together again by any word")
    return kind.rejoin(parts)
