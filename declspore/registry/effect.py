"""What an edit rule does to an entry: a value that planner and writer carry out.

Each effect is a class in the file of its verb (``declspore/edits``). The planner asks it which
aspects of the entry it decides, what an optimizer's slot of the entry does, and what becomes of
the entry; so it knows no effect by name.
"""

from __future__ import annotations

from typing import ClassVar, Protocol

from declspore.ir.edit import Name, Value
from declspore.ir.formula import Formula

NAME = "name"
VALUE = "value"


class Stuck(Exception):
    """Raised by :meth:`Effect.followed` where a slot does not fit its changed weight and no rule
    says how to change it."""


class SlotOfWeight(Protocol):
    """An optimizer's slot whose weight an effect is on."""

    @property
    def is_alike(self) -> bool:
        """Whether it has its weight's shape, so that what moves the weight's elements moves its
        elements too."""

    def named(self, weight: Name) -> Name:
        """The slot's name where its weight has a new name."""

    def moves(self, value: Value) -> bool:
        """Whether a value of the weight only moves elements of the weight."""

    def moved(self, formula: Formula) -> Formula:
        """A value of the weight that only moves elements, with the slot in the weight's place."""

    def stays_right(self, value: Value) -> bool:
        """Whether the slot as it is belongs to its weight with a new value."""


class Fate(Protocol):
    """What becomes of an entry, as its effects say one after the other."""

    def rename(self, to: Name) -> None:
        """It reaches the output under another name."""

    def assign(self, value: Value) -> None:
        """It reaches the output with another value."""

    def copy(self, to: Name, value: Value | None) -> None:
        """It reaches the output under another name too, with its own value where none is given."""

    def delete(self) -> None:
        """It does not reach the output."""

    def become(self, *parts: tuple[Name, Formula]) -> None:
        """It is used up, and its parts take its place."""


class Effect:
    """An effect on an entry; two effects on one entry must decide different aspects of it."""

    __slots__ = ()

    decides: ClassVar[frozenset[str]] = frozenset({NAME, VALUE})

    def followed(self, slot: SlotOfWeight) -> Effect | None:
        """What a slot of the entry does; None for nothing. Raises :class:`Stuck`."""
        return None

    def apply(self, fate: Fate) -> None:
        """Say what becomes of the entry; nothing where it stays as it is."""
