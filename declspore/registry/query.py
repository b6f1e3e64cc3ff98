"""Queries: what ``ensure`` can ask of a checkpoint, planned or written."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import ClassVar

from declspore.dataclass import dataclass
from declspore.ir.pattern import Pattern
from declspore.ir.term import Arguments
from declspore.ir.value import CellLike, EntriesLike, FileLike
from declspore.registry.kind import Kind
from declspore.registry.types import Mismatch


class TensorsNeeded(Exception):
    """Raised by a query that headers cannot answer; it is asked again when tensors exist."""


@dataclass(frozen=True, slots=True)
class Entries:
    """Argument type: ``dst.`pattern```."""

    name: str = "entries of a checkpoint, such as dst.`conv1.*`"

    def accept(self, value: object) -> object:
        if isinstance(value, tuple) and value and isinstance(value[0], EntriesLike):
            why = "of several files there is a list of entries, one for each"
            raise Mismatch(f"{why}, and this asks about one of them", "it[0] is that of the first")
        if isinstance(value, EntriesLike):
            return value
        help = None
        if isinstance(value, FileLike):
            help = f"all entries of it: {value}.`**`"
        elif isinstance(value, Pattern):
            help = f"of a file: dst.{value}"
        raise Mismatch(f"expected {self.name}", help)


@dataclass(frozen=True, slots=True)
class File:
    """Argument type: the name of an input or of the output."""

    name: str = "an input or the output of the edit"

    def accept(self, value: object) -> object:
        if not isinstance(value, FileLike):
            raise Mismatch(f"expected {self.name}")
        return value


@dataclass(frozen=True, slots=True)
class NetworkValue:
    """Argument type: a network with its arguments."""

    name: str = "a network such as LeNet5()"

    def accept(self, value: object) -> object:
        if not isinstance(value, CellLike):
            raise Mismatch(f"expected {self.name}")
        return value


@dataclass(frozen=True, slots=True)
class Patterns:
    """Argument type: a list of paths or patterns."""

    name: str = "a list of [`pattern`, ...]"

    def accept(self, value: object) -> tuple[object, ...]:
        items = value if isinstance(value, tuple) else (value,)
        if not all(isinstance(item, Pattern) for item in items):
            raise Mismatch(f"expected {self.name}")
        return items


@dataclass(frozen=True, kw_only=True)
class QueryKind(Kind):
    """``answer(arguments)`` is a plain value; it may raise :class:`TensorsNeeded`, or
    :class:`declspore.registry.kind.Misfit` where the question makes no sense. ``found(arguments)``
    are sentences for a condition that fails: the entries, places and values it is about."""

    family: ClassVar[str] = "query"
    title: ClassVar[str] = "Questions of `ensure`"
    room: ClassVar[str] = "queries"
    rank: ClassVar[int] = 170

    answer: Callable[[Arguments], object]
    found: Callable[[Arguments], Iterable[str]] = lambda arguments: ()


def some(lines: Iterable[str]) -> Iterator[str]:
    """The first few of several sentences, and how many more there are."""
    every = list(lines)
    yield from every[:_MOST_TOLD]
    if len(every) > _MOST_TOLD:
        yield f"... and {len(every) - _MOST_TOLD:,} more"


_MOST_TOLD = 8
