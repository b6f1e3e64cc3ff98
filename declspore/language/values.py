"""What expressions of a spec evaluate to, next to numbers, strings and lists (tuples here)."""

from __future__ import annotations

from typing import Final, TypeAlias

from declspore.dataclass import dataclass
from declspore.ir.header import HeaderEntry
from declspore.ir.pattern import Pattern, exact_pattern, natural
from declspore.ir.tensors import Array
from declspore.ir.term import Term, show
from declspore.ir.value import CellLike, Described, EntriesLike, FileLike, TensorLike
from declspore.source import Span

Value: TypeAlias = object
"""Anything an expression evaluates to; narrowed with ``isinstance``."""


class Unknown(TensorLike, CellLike, EntriesLike, FileLike):
    """The value of an expression at fault; it fits everywhere and causes no further errors."""

    def __repr__(self) -> str:
        return "UNKNOWN"


UNKNOWN: Final = Unknown()


# ---- datasets and checkpoints


@dataclass(frozen=True, slots=True)
class CheckpointFile(Described):
    """``ckpt("path")``: a term of the family ``file``."""

    term: Term
    span: Span

    @property
    def path(self) -> str:
        return str(self.term.arguments.path)

    @property
    def described(self) -> str:
        return "a checkpoint"

    def __str__(self) -> str:
        return self.path


@dataclass(frozen=True, slots=True)
class FileList(Described):
    """``ckpts("rank_*.ckpt")``: the files that match, known when a plan is made."""

    term: Term
    span: Span

    @property
    def path(self) -> str:
        return str(self.term.arguments.path)

    @property
    def described(self) -> str:
        return "a list of files"

    def __str__(self) -> str:
        return self.path


@dataclass(frozen=True, slots=True)
class TaskOutput(Described):
    """The checkpoint another task of the spec writes: ``training.last``, ``surgery.dst``."""

    task: str
    output: str
    span: Span

    @property
    def described(self) -> str:
        return "a checkpoint"

    def __str__(self) -> str:
        return f"{self.task}.{self.output}"


CheckpointRef = CheckpointFile | FileList | TaskOutput


@dataclass(frozen=True, slots=True)
class Selection(TensorLike, EntriesLike):
    """``src.`pattern```: some entries of a file of an edit. One entry is a tensor, too."""

    file: FileLike
    pattern: Pattern

    @property
    def entries(self) -> tuple[HeaderEntry, ...]:
        """The entries in the order of the file."""
        if self.pattern.is_exact:
            found = self.file.header.by_name.get(self.pattern.text)
            return () if found is None else (found,)
        candidates = self.file.header.between(self.pattern.prefix, self.pattern.suffix)
        return tuple(entry for entry in candidates if self.pattern.matches(entry.name))

    def each(self) -> tuple[Selection, ...]:
        """A selection for every entry, in the natural order of their names."""
        names = sorted((entry.name for entry in self.entries), key=natural)
        return tuple(Selection(self.file, exact_pattern(name)) for name in names)

    def array(self, name: str) -> Array:
        return self.file.array(name)

    def __str__(self) -> str:
        return f"{self.file.label}.{self.pattern}"


def flows(value: Value) -> bool:
    """Whether a value is a tensor, or can be used as one."""
    return is_constant(value) or (isinstance(value, TensorLike) and value is not UNKNOWN)


def is_constant(value: Value) -> bool:
    """Whether a value is a tensor made of numbers alone, such as ``zeros([2])``."""
    return isinstance(value, Term) and value.family == "tensor"


def describe(value: Value) -> str:
    """A value as a message names it."""
    if isinstance(value, Described):
        return value.described
    shown = show(value)
    return f"`{shown}`" if len(shown) <= _LONGEST else f"`{shown[:_LONGEST]}...`"


_LONGEST = 80
