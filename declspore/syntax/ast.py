"""The syntax tree: frozen nodes, each with the span of its text.

Nodes say what was written, not whether it makes sense; that is :mod:`declspore.check`'s work.
"""

from __future__ import annotations

import typing

from declspore.dataclass import dataclass
from declspore.source import Source, Span


@dataclass(frozen=True, slots=True)
class Word:
    """A name and its place."""

    text: str
    span: Span


# ---- expressions


@dataclass(frozen=True, slots=True)
class Name:
    name: str
    span: Span


@dataclass(frozen=True, slots=True)
class Literal:
    """An int, float, bool, string, or none."""

    value: int | float | bool | str | None
    span: Span


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number with a unit: ``10 epochs``, ``512 MiB``, ``98.5%``."""

    value: int | float
    unit: str
    span: Span


@dataclass(frozen=True, slots=True)
class Path:
    """A parameter path or pattern between backticks; ``text`` is what is between them."""

    text: str
    span: Span
    is_regex: bool = False


@dataclass(frozen=True, slots=True)
class List:
    items: tuple[Element, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class Binding:
    """``names in source`` of a comprehension; several names unpack each item."""

    names: tuple[Word, ...]
    unpack: bool
    source: Expression
    span: Span


@dataclass(frozen=True, slots=True)
class Carry:
    """A value that starts as ``first`` and becomes ``next`` after each item."""

    name: Word
    first: Expression
    next: Expression
    span: Span


@dataclass(frozen=True, slots=True)
class Comprehension:
    bindings: tuple[Binding, ...]
    carries: tuple[Carry, ...]
    items: tuple[Element, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class Argument:
    """An argument of a call; ``keyword`` is None where it is given by position."""

    keyword: Word | None
    value: Element
    span: Span


@dataclass(frozen=True, slots=True)
class Call:
    function: Expression
    arguments: tuple[Argument, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class Slice:
    start: Expression | None
    stop: Expression | None
    step: Expression | None
    span: Span


@dataclass(frozen=True, slots=True)
class Index:
    value: Expression
    subscripts: tuple[Expression | Slice | Remaining, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class Remaining:
    """``...`` among subscripts: as many whole axes as the others leave."""

    span: Span


@dataclass(frozen=True, slots=True)
class Member:
    """``value.name``"""

    value: Expression
    name: Word
    span: Span


@dataclass(frozen=True, slots=True)
class PathOf:
    """A path pattern applied to something: ``src.`conv1.weight```."""

    value: Expression
    path: Path
    span: Span


@dataclass(frozen=True, slots=True)
class Maybe:
    """``cell?``: the cell, or the identity where the cell is absent."""

    value: Expression
    span: Span


@dataclass(frozen=True, slots=True)
class Unary:
    """``-value`` or ``not value``."""

    operator: str
    value: Expression
    span: Span


@dataclass(frozen=True, slots=True)
class Binary:
    """Arithmetic, comparison, ``and``, ``or``, ``|>``, ``..`` or ``..<``."""

    operator: str
    left: Expression
    right: Expression
    span: Span


@dataclass(frozen=True, slots=True)
class Conditional:
    condition: Expression
    then: Expression
    otherwise: Expression
    span: Span


@dataclass(frozen=True, slots=True)
class Damaged:
    """A place whose text does not parse: of a value, a statement or a declaration.

    ``words`` are those within that may name something. Only a partial tree holds any
    (:func:`declspore.syntax.parse.parse_partly`).
    """

    words: tuple[str, ...]
    span: Span


Expression = (
    Name
    | Literal
    | Quantity
    | Path
    | List
    | Call
    | Index
    | Member
    | PathOf
    | Maybe
    | Unary
    | Binary
    | Conditional
    | Damaged
)
Element = Expression | Comprehension


# ---- declarations


@dataclass(frozen=True, slots=True)
class Type:
    """``int``, ``f32[B, 3, H, W]``; ``shape`` is None where there are no brackets."""

    name: Word
    shape: tuple[Expression, ...] | None
    span: Span


@dataclass(frozen=True, slots=True)
class Formal:
    """A parameter of a cell, network or construct."""

    name: Word
    type: Type | None
    default: Expression | None
    span: Span


@dataclass(frozen=True, slots=True)
class Import:
    """``import "path" as alias``, or with ``names`` in parentheses, which then are known here."""

    path: Literal
    alias: Word | None
    names: tuple[Word, ...]
    span: Span

    @property
    def name(self) -> Word:
        return self.alias or self.names[0]


@dataclass(frozen=True, slots=True)
class Param:
    """A value the command line may set."""

    name: Word
    type: Word
    default: Expression | None
    bounds: Expression | None
    span: Span


@dataclass(frozen=True, slots=True)
class Let:
    name: Word
    value: Expression
    span: Span


@dataclass(frozen=True, slots=True)
class Field:
    """A named cell of a block; absent where its condition is false."""

    name: Word
    value: Expression
    condition: Expression | None
    span: Span


@dataclass(frozen=True, slots=True)
class Assign:
    names: tuple[Word, ...]
    value: Expression
    span: Span


@dataclass(frozen=True, slots=True)
class Loop:
    """``for``: the statements once for each item; what they name is known after the loop, too."""

    bindings: tuple[Binding, ...]
    statements: tuple[Statement, ...]
    span: Span


Statement = Assign | Loop | Damaged


@dataclass(frozen=True, slots=True)
class Construct:
    """The dataflow: formals in, statements, results out; ``damaged`` is what of its head is."""

    formals: tuple[Formal, ...]
    types: tuple[Type, ...]
    statements: tuple[Statement, ...]
    results: tuple[Expression, ...]
    damaged: tuple[Damaged, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class Block:
    """A body in braces: cells, then ``construct``. It adds a segment to parameter paths."""

    fields: tuple[Field, ...]
    construct: Construct
    damaged: tuple[Damaged, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class Preset:
    """A body after ``=``: another cell with some arguments fixed. It adds no segment."""

    value: Expression
    span: Span


Keyword: typing.TypeAlias = typing.Literal["cell", "network", "loss"]


@dataclass(frozen=True, slots=True)
class CellDeclaration:
    """``cell``, ``network`` or ``loss``; ``damaged`` is what of its formals is."""

    keyword: Keyword
    name: Word
    formals: tuple[Formal, ...]
    body: Block | Preset
    damaged: tuple[Damaged, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class Dataset:
    name: Word
    value: Expression
    span: Span


@dataclass(frozen=True, slots=True)
class Optimizer:
    name: Word
    value: Expression
    span: Span


@dataclass(frozen=True, slots=True)
class Attribute:
    name: Word
    value: Expression
    span: Span


@dataclass(frozen=True, slots=True)
class Modifier:
    """``every 32 steps``, ``keep 10``, ``best accuracy`` after a clause."""

    word: Word
    value: Quantity | Literal | Name
    span: Span


@dataclass(frozen=True, slots=True)
class Clause:
    """``save "path" every 32 steps keep 10``: a word, texts and modifiers."""

    word: Word
    texts: tuple[Literal, ...]
    modifiers: tuple[Modifier, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class Ensure:
    condition: Expression
    span: Span


@dataclass(frozen=True, slots=True)
class File:
    """``in name = expr``, ``use name = expr`` or ``out name = expr``; ``role`` is the word."""

    role: str
    name: Word
    value: Expression
    span: Span


@dataclass(frozen=True, slots=True)
class Operand:
    """``src.`pattern```; ``source`` is None where no name is given."""

    source: Word | None
    path: Path
    span: Span


@dataclass(frozen=True, slots=True)
class Count:
    """``exactly n``, or ``optional`` where ``number`` is None."""

    number: int | None
    span: Span


@dataclass(frozen=True, slots=True)
class Rule:
    """An edit verb with its operands and clauses, as far as they were written."""

    verb: Word
    operands: tuple[Operand, ...]
    excepted: tuple[Operand, ...]
    condition: Expression | None
    targets: tuple[Operand, ...]
    value: Expression | None
    network: Expression | None
    count: Count | None
    span: Span


@dataclass(frozen=True, slots=True)
class Rest:
    """``rest keep|delete|error``: what happens to entries no verb names."""

    policy: Word
    span: Span


@dataclass(frozen=True, slots=True)
class TaskWhen:
    """``when condition { ... } else { ... }`` around statements of a task."""

    condition: Expression
    then: tuple[Part, ...]
    otherwise: tuple[Part, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class TaskLoop:
    """``for names in source { ... }`` around statements of a task."""

    bindings: tuple[Binding, ...]
    parts: tuple[Part, ...]
    span: Span


Part = Attribute | Clause | Ensure | File | Rule | TaskWhen | TaskLoop | Rest | Damaged


@dataclass(frozen=True, slots=True)
class Task:
    """A task with its statements; ``kind`` is a word of the registry, as it was written."""

    kind: Word
    name: Word
    parts: tuple[Part, ...]
    span: Span

    @property
    def attributes(self) -> tuple[Attribute, ...]:
        return tuple(part for part in self.parts if isinstance(part, Attribute))

    @property
    def damaged(self) -> tuple[Damaged, ...]:
        return tuple(part for part in self.parts if isinstance(part, Damaged))

    def clauses(self, word: str) -> tuple[Clause, ...]:
        """The clauses of a word."""
        return tuple(p for p in self.parts if isinstance(p, Clause) and p.word.text == word)

    def files(self, role: str) -> tuple[File, ...]:
        """The files of a role: in, use or out."""
        return tuple(part for part in self.parts if isinstance(part, File) and part.role == role)


Declaration = Import | Param | Let | CellDeclaration | Dataset | Optimizer | Task


@dataclass(frozen=True, slots=True)
class Spec:
    """A whole file."""

    source: Source
    edition: int
    declarations: tuple[Declaration, ...]
    damaged: tuple[Damaged, ...]
    span: Span
