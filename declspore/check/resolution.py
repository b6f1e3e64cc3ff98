"""What is known of the names of a spec: declarations, uses, and the blocks they are seen in."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import field
from enum import Enum

from declspore.dataclass import dataclass
from declspore.source import Span
from declspore.syntax import ast


class Role(Enum):
    """What a declaration is."""

    IMPORT = "import"
    PARAM = "param"
    LET = "let"
    CELL = "cell"
    DATASET = "dataset"
    OPTIMIZER = "optimizer"
    TASK = "task"
    FORMAL = "formal"
    FIELD = "field"
    SIZE = "size"
    INPUT = "input"
    ASSIGNED = "assigned"
    LOOP = "loop"
    FILE = "file"
    CAPTURE = "capture"
    DAMAGED = "damaged"


@dataclass(frozen=True, eq=False, slots=True)
class Declared:
    """A name where it is declared. ``hides`` is the declaration further out of the same name;
    ``node`` what is declared, where that is a declaration of the file."""

    name: str
    span: Span
    role: Role
    hides: Declared | None = None
    node: ast.Declaration | None = None


@dataclass(frozen=True, eq=False, slots=True)
class Use:
    """A name where it is used, and what it means: a declaration, or None for a word of the
    vocabulary and for a name that is ``unknown``. ``families`` are those whose words fit the place;
    none where any may."""

    name: str
    span: Span
    declared: Declared | None
    unknown: bool
    families: frozenset[str] = frozenset()


@dataclass(frozen=True, eq=False, slots=True)
class Call:
    """A call of a name with the keywords it gives."""

    function: Use
    span: Span
    keywords: tuple[ast.Word, ...]


@dataclass(eq=False)
class Names:
    """The names of one block and those around it. ``span`` is where they can be used."""

    span: Span
    outer: Names | None = None
    own: dict[str, Declared] = field(default_factory=dict)

    def find(self, name: str) -> Declared | None:
        names: Names | None = self
        while names is not None:
            if name in names.own:
                return names.own[name]
            names = names.outer
        return None

    def visible(self) -> Iterator[str]:
        """Every name, innermost first."""
        names: Names | None = self
        while names is not None:
            yield from names.own
            names = names.outer


@dataclass(eq=False)
class Part:
    """What the names of one declaration of a file mean, in the order of its text.

    ``twice`` are pairs of one name in one block, the first one first.
    """

    node: ast.Declaration
    declared: list[Declared] = field(default_factory=list)
    uses: list[Use] = field(default_factory=list)
    calls: list[Call] = field(default_factory=list)
    twice: list[tuple[Declared, Declared]] = field(default_factory=list)
    blocks: list[Names] = field(default_factory=list)


@dataclass(eq=False)
class Resolution:
    """What the names of one file mean: those it declares, and those within each declaration."""

    top: Names
    declared: tuple[Declared, ...]
    parts: tuple[Part, ...]

    def names_at(self, offset: int) -> Names:
        """The names that can be used at a place of the text."""
        inner = self.top
        for part in self._around(offset):
            for block in part.blocks:
                span = block.span
                if span.start <= offset < span.end and _length(span) <= _length(inner.span):
                    inner = block
        return inner

    def definition(self, offset: int) -> Declared | None:
        """The declaration that the name at a place means or is."""
        for part in self._around(offset):
            for use in part.uses:
                if use.span.start <= offset < use.span.end:
                    return use.declared
        every = [*self.declared, *(each for part in self.parts for each in part.declared)]
        return next((d for d in every if d.span.start <= offset < d.span.end), None)

    def references(self, declared: Declared) -> tuple[Span, ...]:
        """Every place where a declaration is meant, itself first."""
        uses = (use for part in self.parts for use in part.uses)
        return (declared.span, *(use.span for use in uses if use.declared is declared))

    def _around(self, offset: int) -> list[Part]:
        return [p for p in self.parts if p.node.span.start <= offset < p.node.span.end]


def _length(span: Span) -> int:
    return span.end - span.start
