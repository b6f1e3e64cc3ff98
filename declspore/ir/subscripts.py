"""What is between the brackets of ``x[...]``, axis by axis.

A part is a place (an integer), a slice (start, stop and step, None where not given), ``"new"``
(an axis of size 1) or ``"rest"`` (as many whole axes as the other parts leave).
"""

from __future__ import annotations

from typing import Final, Literal, TypeAlias

from declspore.ir.shape import Dim

Part: TypeAlias = "Dim | Literal['new', 'rest'] | tuple[Dim | None, ...]"
Parts = tuple[Part, ...]

NEW: Final = "new"
REST: Final = "rest"
_WHOLE = (None, None, None)


def turned(parts: Parts) -> int:
    """How many axes the parts name by themselves."""
    return sum(part not in (NEW, REST) for part in parts)


def spread(parts: Parts, rank: int) -> Parts:
    """The parts for a tensor of ``rank`` axes, a whole slice for each axis ``"rest"`` stands for.

    Assumes at most one ``"rest"`` and no more parts than axes.
    """
    if REST not in parts:
        return parts
    at = parts.index(REST)
    return (*parts[:at], *(_WHOLE,) * (rank - turned(parts)), *parts[at + 1 :])
