"""What the verbs of edits are offered to undo what they did (``declspore invert``)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from declspore.ir.formula import Formula
from declspore.ir.header import HeaderEntry
from declspore.registry.inverse import Lossy, Rejoined


class Became(Protocol):
    """What became of one entry, or a new entry. ``entry`` is None for a new one, ``result`` for
    one that is gone; ``formulas`` are the values that are computed."""

    @property
    def entry(self) -> HeaderEntry | None: ...

    @property
    def result(self) -> HeaderEntry | None: ...

    @property
    def formulas(self) -> tuple[Formula, ...]: ...


class Undoing(Protocol):
    """Collects the rules that undo one decision. They are those of an edit whose input ``src`` is
    the output: ``new`` names are names of its input, old ones of what it gives back."""

    def delete(self, new: str) -> None:
        """A new entry is deleted, unless it gives back one that is gone."""

    def rename(self, new: str, old: str) -> None:
        """An entry gets its old name back, if that was another."""

    def assign(self, new: str, value: str) -> None:
        """An entry gets its old value back by an expression."""

    def add(self, line: str) -> None:
        """Another rule."""

    def lose(self, old: str, reason: str) -> None:
        """An entry cannot be recovered from the output, unless it was deleted and the output has a
        copy of it."""

    def undone(self, formula: Formula, text: str) -> dict[str, str]:
        """For each entry of the input that a value was made of, the expression that gives it back.
        Raises :class:`declspore.registry.inverse.Lossy`."""

    def alone(self, formula: Formula, text: str, name: str) -> str:
        """The expression that gives an entry back that a value was made of alone. Raises
        :class:`declspore.registry.inverse.Lossy`."""

    def rejoined(self, formulas: Sequence[Formula]) -> Rejoined:
        """What the parts of a value were taken from. Raises
        :class:`declspore.registry.inverse.Lossy`."""

    def used_up(self, formula: Formula) -> list[str]:
        """The entries of the input that went into a value and are not in the output otherwise."""


def undo_value(undoing: Undoing, outcome: Became) -> None:
    """Give an entry back the value and the name that it had."""
    assert outcome.entry is not None
    assert outcome.result is not None
    new, old = outcome.result.name, outcome.entry.name
    (formula,) = outcome.formulas
    try:
        value = undoing.alone(formula, "it", old)
    except Lossy as error:
        undoing.delete(new)
        undoing.lose(old, str(error))
    else:
        undoing.assign(new, value)
        undoing.rename(new, old)


def delete_results(undoing: Undoing, outcomes: Sequence[Became]) -> None:
    """Undo what only added entries."""
    for outcome in outcomes:
        assert outcome.result is not None
        undoing.delete(outcome.result.name)
