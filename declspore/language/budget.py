"""How much a spec may make: what bounds the time and memory a check takes, whatever a text says."""

from __future__ import annotations

from declspore.language import errors
from declspore.language.values import Value
from declspore.report import Sink
from declspore.source import Span

MOST_ROUNDS = 100_000
"""Rounds of all loops."""
MOST_CELLS = 100_000
"""Cells, and calls of what makes them."""
MOST_NODES = 200_000
"""Cells and ops called in all networks."""
MOST_ITEMS = 100_000
"""Items of one list, those of the lists within it included."""
MOST_VALUES = 2_000_000
"""Items of all lists."""
MOST_STEPS = 5_000_000
"""Expressions that are evaluated, each time that they are."""

_LIMITS = {
    "loops run too often": MOST_ROUNDS,
    "too many cells": MOST_CELLS,
    "too many calls in networks": MOST_NODES,
    "too many items in lists": MOST_VALUES,
    "too many expressions": MOST_STEPS,
}


class Budget:
    """What is left. The first thing that wants more than there is, is reported; later ones, which
    are mostly its consequence, are not."""

    def __init__(self, sink: Sink) -> None:
        self._sink = sink
        self._left = dict(_LIMITS)

    def rounds(self, span: Span) -> bool:
        return self._spend("loops run too often", 1, span)

    def cells(self, number: int, span: Span) -> bool:
        return self._spend("too many cells", number, span)

    def nodes(self, number: int, span: Span) -> bool:
        return self._spend("too many calls in networks", number, span)

    def steps(self, span: Span) -> bool:
        return self._spend("too many expressions", 1, span)

    def items(self, number: int, span: Span) -> bool:
        return self._spend("too many items in lists", number, span)

    @property
    def is_spent(self) -> bool:
        return min(self._left.values()) < 0

    def _spend(self, what: str, number: int, span: Span) -> bool:
        """Whether there is enough."""
        had = self._left[what]
        self._left[what] = had - number if had >= number else -1
        if 0 <= had < number:
            self._sink.report(errors.too_large(span, what, _LIMITS[what]))
        return had >= number


def weight(items: tuple[Value, ...], known: dict[int, int] | None = None) -> int:
    """How many items a list has, those of the lists within it counted wherever they are."""
    known = {} if known is None else known
    total = len(items)
    for item in items:
        if type(item) is tuple:
            if id(item) not in known:
                known[id(item)] = weight(item, known)
            total += known[id(item)]
    return total
