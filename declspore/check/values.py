"""What expressions of a spec evaluate to, beside numbers, texts and lists (tuples here)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from declspore.ir.formula import Applied, EntryValue, PartOf
from declspore.ir.header import HeaderEntry
from declspore.ir.network import ValueRef
from declspore.ir.pattern import Pattern, exact_pattern, natural
from declspore.ir.shape import TensorType
from declspore.ir.term import Arguments, Term, show
from declspore.registry.cell import CellKind
from declspore.registry.container import ContainerKind
from declspore.registry.op import OpKind
from declspore.source import Span
from declspore.syntax import ast

if TYPE_CHECKING:
    from declspore.check.scope import Scope


class Unknown:
    """The value of an expression at fault; it fits everywhere and causes no further errors."""

    is_cell = is_selection = is_file = is_tensor = True

    def __repr__(self) -> str:
        return "UNKNOWN"


UNKNOWN: Final = Unknown()


@dataclass(frozen=True, slots=True)
class Amount:
    """A number with a unit."""

    value: int | float
    unit: str

    def __str__(self) -> str:
        plural = "s" if self.unit in ("epoch", "step") and self.value != 1 else ""
        return f"{self.value} {self.unit}{plural}"


@dataclass(frozen=True, slots=True)
class TensorValue:
    """A tensor flowing through ``construct``; ``origin`` is the expression it came from."""

    ref: ValueRef
    type: TensorType
    origin: Span
    is_tensor: bool = True

    def __str__(self) -> str:
        return str(self.type)


# ---- cells


@dataclass(frozen=True, eq=False)
class CellTemplate:
    """A ``cell`` or ``network`` of a spec, with the scope it was declared in.

    ``made`` keeps what it made of which arguments (:mod:`declspore.check.reuse`).
    """

    declaration: ast.CellDeclaration
    scope: Scope
    made: dict[Any, Any] = field(default_factory=dict, repr=False)

    @property
    def name(self) -> str:
        return self.declaration.name.text


@dataclass(frozen=True, eq=False)
class Leaf:
    """A cell of the vocabulary with its arguments."""

    kind: CellKind
    arguments: Arguments
    span: Span
    is_cell: bool = True

    def __str__(self) -> str:
        return f"{self.kind.name}(...)"


@dataclass(frozen=True, eq=False)
class OpCell:
    """An op of one tensor used as a cell."""

    kind: OpKind
    span: Span
    is_cell: bool = True

    def __str__(self) -> str:
        return self.kind.name


@dataclass(frozen=True, eq=False)
class Sequence:
    """A container with its cells."""

    kind: ContainerKind
    cells: tuple[Instance, ...]
    span: Span
    is_cell: bool = True

    def __str__(self) -> str:
        return f"{self.kind.name}(...)"


@dataclass(frozen=True, eq=False)
class Group:
    """A block of a spec with its arguments: named cells (None where absent) and ``construct``.

    One that is not ``complete`` has cells that are at fault; what flows through the others is
    checked all the same. ``traces`` keeps what became of which inputs
    (:mod:`declspore.check.reuse`).
    """

    template: CellTemplate
    scope: Scope
    fields: dict[str, Instance | None]
    arguments: dict[str, Any]
    span: Span
    complete: bool = True
    traces: dict[Any, Any] = field(default_factory=dict, repr=False)
    is_cell: bool = True

    def __str__(self) -> str:
        return f"{self.template.name}(...)"


Instance = Leaf | OpCell | Sequence | Group


@dataclass(frozen=True, slots=True)
class Absent:
    """A field whose condition was false."""

    field: ast.Field


@dataclass(frozen=True, slots=True)
class Skipped:
    """``cell?`` of an absent cell: the identity."""


# ---- datasets and checkpoints


@dataclass(frozen=True)
class Pipeline:
    """A source and the transforms behind it."""

    source: Term
    steps: tuple[Term, ...] = ()
    span: Span | None = field(default=None, compare=False)

    def then(self, step: Term, span: Span) -> Pipeline:
        return Pipeline(self.source, (*self.steps, step), span)

    def __str__(self) -> str:
        return " |> ".join(str(term) for term in (self.source, *self.steps))


@dataclass(frozen=True, slots=True)
class CheckpointFile:
    """``ckpt("path")``: a term of the family ``file``."""

    term: Term
    span: Span

    @property
    def path(self) -> str:
        return str(self.term.arguments.path)

    def __str__(self) -> str:
        return self.path


@dataclass(frozen=True, slots=True)
class FileList:
    """``ckpts("rank_*.ckpt")``: the files that match, known when a plan is made."""

    term: Term
    span: Span

    @property
    def path(self) -> str:
        return str(self.term.arguments.path)

    def __str__(self) -> str:
        return self.path


@dataclass(frozen=True, slots=True)
class TaskOutput:
    """The checkpoint another task of the spec writes: ``training.last``, ``surgery.dst``."""

    task: str
    output: str
    span: Span

    def __str__(self) -> str:
        return f"{self.task}.{self.output}"


CheckpointRef = CheckpointFile | FileList | TaskOutput


@dataclass(frozen=True, slots=True)
class Selection:
    """``src.`pattern```: some entries of a file of an edit. One entry is a tensor, too."""

    file: Any
    pattern: Pattern
    is_selection: bool = True
    is_tensor: bool = True

    @property
    def entries(self) -> tuple[HeaderEntry, ...]:
        """The entries in the order of the file."""
        if self.pattern.is_exact:
            found = self.file.header.by_name.get(self.pattern.text)
            return () if found is None else (found,)
        matches = (
            entry for entry in self.file.header if self.pattern.match(entry.name) is not None
        )
        return tuple(matches)

    def each(self) -> tuple[Selection, ...]:
        """A selection for every entry, in the natural order of their names."""
        names = sorted((entry.name for entry in self.entries), key=natural)
        return tuple(Selection(self.file, exact_pattern(name)) for name in names)

    def array(self, name: str) -> Any:
        return self.file.array(name)

    def __str__(self) -> str:
        return f"{self.file.label}.{self.pattern}"


def flows(value: Any) -> bool:
    """Whether a value is a tensor, or can stand for one."""
    return is_constant(value) or (value is not UNKNOWN and hasattr(value, "is_tensor"))


def cell_word(cell: Instance) -> str:
    """What a cell is called where it is made."""
    return cell.template.name if isinstance(cell, Group) else cell.kind.name


def is_constant(value: Any) -> bool:
    """Whether a value is a tensor made of numbers alone, such as ``zeros([2])``."""
    return isinstance(value, Term) and value.family == "tensor"


def describe(value: Any) -> str:
    """A value as a message names it."""
    if isinstance(value, TensorValue):
        return f"a tensor {value.type}"
    if isinstance(value, Term):
        return f"the {value.family} `{value.word}`"
    if isinstance(value, Pipeline):
        return "a dataset"
    if isinstance(value, FileList):
        return "a list of files"
    if isinstance(value, CheckpointFile | TaskOutput):
        return "a checkpoint"
    if isinstance(value, Leaf | OpCell | Sequence | Group):
        return f"the cell `{value}`"
    if isinstance(value, CellTemplate):
        return f"`{value.name}` without its arguments"
    if isinstance(value, Pattern):
        return f"the path {value}"
    if isinstance(value, Selection):
        return str(value)
    if isinstance(value, EntryValue | Applied | PartOf):
        return f"a tensor {value.type}"
    if isinstance(value, Absent):
        return f"`{value.field.name.text}`, which is absent here"
    if hasattr(value, "family"):
        return f"the {value.family} `{value.name}` without its arguments"
    if hasattr(value, "member"):
        return str(value)
    shown = show(value)
    return f"`{shown}`" if len(shown) <= _LONGEST else f"`{shown[:_LONGEST]}...`"


_LONGEST = 80
