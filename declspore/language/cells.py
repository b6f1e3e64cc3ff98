"""Cells as expressions make them: of a word of the vocabulary, or of an op."""

from __future__ import annotations

from declspore.dataclass import dataclass
from declspore.ir.term import Arguments
from declspore.ir.value import CellLike
from declspore.language import errors
from declspore.language.arguments import Given
from declspore.language.domain import Callee, Evaluation, HasItems
from declspore.language.values import UNKNOWN, Value
from declspore.registry.cell import CellKind, CellOfWord
from declspore.registry.container import ContainerKind
from declspore.registry.op import OpKind
from declspore.registry.table import vocabulary
from declspore.source import Span
from declspore.syntax import ast


class Cell(CellLike, Callee):
    """A cell with its arguments; ``span`` is where it is made."""

    __slots__ = ()

    span: Span

    @property
    def word(self) -> str:
        """What the cell is called where it is made."""
        raise NotImplementedError

    @property
    def described(self) -> str:
        return f"the cell `{self}`"

    def call(self, evaluation: Evaluation, given: list[Given], span: Span, at: Span) -> Value:
        domain = evaluation.domain
        return domain.call_cell(evaluation, self, [domain.lifted(item) for item in given], span)


@dataclass(frozen=True, eq=False)
class Leaf(Cell, CellOfWord):
    """A cell of the vocabulary with its arguments."""

    kind: CellKind
    arguments: Arguments
    span: Span

    @property
    def word(self) -> str:
        return self.kind.name

    def __str__(self) -> str:
        return f"{self.kind.name}(...)"


@dataclass(frozen=True, eq=False)
class OpCell(Cell):
    """An op of one tensor used as a cell."""

    kind: OpKind
    span: Span

    @property
    def word(self) -> str:
        return self.kind.name

    def __str__(self) -> str:
        return self.kind.name


@dataclass(frozen=True, eq=False)
class CellSequence(Cell, HasItems):
    """A container with its cells; ``names`` are their paths where they are not numbered."""

    kind: ContainerKind
    cells: tuple[Cell, ...]
    span: Span
    names: tuple[str, ...] | None = None

    @property
    def word(self) -> str:
        return self.kind.name

    @property
    def items(self) -> tuple[Value, ...]:
        return self.cells

    def __str__(self) -> str:
        return f"{self.kind.name}(...)"


@dataclass(frozen=True, slots=True)
class Absent(Callee):
    """A field whose condition was false."""

    field: ast.Field

    @property
    def described(self) -> str:
        return f"`{self.field.name.text}`, which is absent here"

    def call(self, evaluation: Evaluation, given: list[Given], span: Span, at: Span) -> Value:
        condition = self.field.condition
        assert condition is not None
        evaluation.sink.report(errors.absent_cell(at, self.field.name.text, condition.span))
        return UNKNOWN


@dataclass(frozen=True, slots=True)
class Skipped(Callee):
    """``cell?`` of an absent cell: the identity."""

    def call(self, evaluation: Evaluation, given: list[Given], span: Span, at: Span) -> Value:
        return given[0].value if given else UNKNOWN


def as_cell(evaluation: Evaluation, value: Value, span: Span) -> Value:
    """An op of one tensor as a cell, so that ``SequentialCell(conv, relu)`` reads well."""
    if isinstance(value, OpKind) and value.takes_one:
        return new_cell(evaluation, OpCell(value, span))
    return value


def new_cell(evaluation: Evaluation, cell: Cell) -> Value:
    """The cell, remembered as one that the template at work makes; UNKNOWN where there are too
    many."""
    if not evaluation.budget.cells(1, cell.span):
        return UNKNOWN
    evaluation.workshop.made.append(cell)
    return cell


def report_nameless(
    evaluation: Evaluation, word: str, span: Span, written: Span | None = None
) -> None:
    """Report a cell that is made where it is called."""
    op = vocabulary().get(word.lower())
    same = op.name if isinstance(op, OpKind) and op.takes_one else None
    text = f"{word}(...)" if written is None else " ".join(written.text.split())
    evaluation.sink.report(errors.nameless_cell(span, word, text, same))
