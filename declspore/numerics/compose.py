"""Cells made of other cells of the vocabulary, whose parameters have the parts' names as
prefixes."""

from __future__ import annotations

from collections.abc import Mapping

from declspore.dataclass import dataclass
from declspore.ir.term import Arguments, Term
from declspore.registry.cell import CellKind, CellOfWord, OwnParameter
from declspore.registry.table import vocabulary
from declspore.registry.types import Mismatch

Parts = Mapping[str, Term]
"""The cells of a cell by name, in the order MindSpore lists their parameters."""


def cell(word: str, **given: object) -> Term:
    """The cell of that word, its other arguments at their defaults."""
    kind = vocabulary().of(CellKind, word)
    defaults = {a.name: a.canonical for a in kind.signature.arguments if not a.required}
    arguments = Arguments(defaults, **given)
    return Term("cell", word, kind.complete(arguments) if kind.complete else arguments)


def parameters_of(parts: Parts) -> tuple[OwnParameter, ...]:
    """The parameters of the parts, each under the name of its part."""
    found = []
    for name, part in parts.items():
        kind = vocabulary().of(CellKind, part.word)
        for own in kind.parameters(part.arguments):
            full = f"{name}.{own.name}"
            found.append(OwnParameter(full, own.shape, own.init, own.trainable, own.dtype))
    return tuple(found)


@dataclass(frozen=True, slots=True)
class CellOf:
    """A cell of a certain word, or of any that is one of MindSpore's; becomes a term of it."""

    word: str | None

    @property
    def name(self) -> str:
        return "a cell such as Dense(4, 8)" if self.word is None else f"the cell {self.word}"

    def accept(self, value: object) -> Term:
        if isinstance(value, Term) and value.family == "cell" and self.word in (None, value.word):
            return value
        if not isinstance(value, CellOfWord) or self.word not in (None, value.kind.name):
            help = None if self.word is None else f"{self.word}(...)"
            raise Mismatch(f"expected {self.name}", help)
        return Term("cell", value.kind.name, value.arguments, value.span)
