"""What a checkpoint holds, without its tensors: names, element types and shapes, in order.

A header is read from a file, predicted for a file that a task will write, or planned for the
result of an edit; the rest of the program does not care which.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator
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

    def beginning(self, prefix: str) -> Iterator[HeaderEntry]:
        """The entries whose names begin with a prefix, in the order of the file; the time it takes
        depends on how many there are, not on the size of the header."""
        if not prefix:
            return iter(self.entries)
        names, places = self._sorted
        first = bisect_left(names, prefix)
        last = bisect_left(names, True, first, key=lambda name: not name.startswith(prefix))
        return (self.entries[place] for place in sorted(places[first:last]))

    @cached_property
    def _sorted(self) -> tuple[list[str], list[int]]:
        """Names in the order of their characters, and the places of their entries."""
        order = sorted((entry.name, place) for place, entry in enumerate(self.entries))
        return [name for name, _ in order], [place for _, place in order]

    @property
    def nbytes(self) -> int:
        return sum(entry.nbytes for entry in self.entries)

    def __iter__(self) -> Iterator[HeaderEntry]:
        return iter(self.entries)

    def __len__(self) -> int:
        return len(self.entries)

    def __contains__(self, name: object) -> bool:
        return name in self.by_name
