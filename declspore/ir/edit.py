"""Names and values of entries that an edit writes."""

from __future__ import annotations

from declspore.dataclass import dataclass
from declspore.ir.formula import Formula

Value = Formula | tuple[Formula, ...]
"""A value to be written; one for each file of an output of several."""


@dataclass(frozen=True, slots=True)
class Name:
    """A name in an output."""

    output: str
    name: str
