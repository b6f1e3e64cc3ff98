"""What a checkpoint holds, without its tensors: names, element types and shapes, in order.

A header is read from a file, predicted for a file that a task will write, or planned for the
result of an edit; the rest of the program does not care which.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from math import prod
from typing import NamedTuple

from declspore.dataclass import dataclass
from declspore.ir.dtype import DType

TEXT = DType("str", "str", "str", 4, "text")
"""The type of a string entry: UCS-4 characters, no shape."""


class HeaderEntry(NamedTuple):
    """One entry; ``nbytes`` is the size of its value in the file."""

    name: str
    dtype: DType
    shape: tuple[int, ...]
    nbytes: int

    @classmethod
    def of(cls, name: str, dtype: DType, shape: tuple[int, ...]) -> HeaderEntry:
        return cls(name, dtype, shape, prod(shape) * dtype.itemsize)

    def renamed(self, name: str) -> HeaderEntry:
        return HeaderEntry(name, self.dtype, self.shape, self.nbytes)

    @property
    def type(self) -> str:
        """``f32[6, 1, 5, 5]``, as the spec language writes it."""
        return f"{self.dtype.short}[{', '.join(map(str, self.shape))}]"


class _Order:
    """Texts in the order of their characters, with the places they have otherwise."""

    def __init__(self, texts: Iterable[str]) -> None:
        order = sorted((text, place) for place, text in enumerate(texts))
        self._texts = [text for text, _ in order]
        self._places = [place for _, place in order]

    def beginning(self, prefix: str) -> list[int]:
        """The places of those that begin so."""
        first = bisect_left(self._texts, prefix)
        last = bisect_left(self._texts, True, first, key=lambda text: not text.startswith(prefix))
        return self._places[first:last]


_FEW = 64
"""Entries that are gone through rather than found by the ends of their names."""


@dataclass(frozen=True)
class Header:
    """Entries in file order; ``origin`` is the file or task they come from."""

    origin: str
    entries: tuple[HeaderEntry, ...]

    @classmethod
    def of(cls, origin: str, entries: Iterable[HeaderEntry]) -> Header:
        return cls(origin, tuple(entries))

    @cached_property
    def by_name(self) -> dict[str, HeaderEntry]:
        return {entry.name: entry for entry in self.entries}

    def between(self, prefix: str, suffix: str = "") -> Iterator[HeaderEntry]:
        """Entries, in the order of the file, among them all whose names begin with ``prefix`` and
        end with ``suffix``; the time it takes depends on how many begin or end so, whichever are
        fewer, not on the size of the header."""
        found: Sequence[int] = range(len(self.entries))
        if prefix:
            found = self._forwards.beginning(prefix)
        if suffix and len(found) > _FEW:
            found = min(found, self._backwards.beginning(suffix[::-1]), key=len)
        return (self.entries[place] for place in sorted(found))

    @cached_property
    def _forwards(self) -> _Order:
        return _Order(entry.name for entry in self.entries)

    @cached_property
    def _backwards(self) -> _Order:
        return _Order(entry.name[::-1] for entry in self.entries)

    @property
    def nbytes(self) -> int:
        return sum(entry.nbytes for entry in self.entries)

    def __iter__(self) -> Iterator[HeaderEntry]:
        return iter(self.entries)

    def __len__(self) -> int:
        return len(self.entries)

    def __contains__(self, name: object) -> bool:
        return name in self.by_name
