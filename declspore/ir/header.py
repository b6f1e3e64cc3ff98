"""What a checkpoint holds, without its tensors: names, element types and shapes, in order.

A header is read from a file, predicted for a file that a task will write, or planned for the
result of an edit; the rest of the program does not care which.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from math import prod
from typing import NamedTuple, overload

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


class TypedShape(NamedTuple):
    """What many entries have in common; ``nbytes`` is the size of each value."""

    dtype: DType
    shape: tuple[int, ...]
    nbytes: int


class Entries(Sequence[HeaderEntry]):
    """Many entries in columns: their names, and for each which of ``types`` it has. An entry is
    made when it is asked for, so that it takes 12 bytes and its name."""

    def __init__(self, names: list[str], kinds: array[int], types: list[TypedShape]) -> None:
        self.names = names
        self.kinds = kinds
        self.types = types

    @overload
    def __getitem__(self, place: int, /) -> HeaderEntry: ...
    @overload
    def __getitem__(self, place: slice, /) -> Sequence[HeaderEntry]: ...
    def __getitem__(self, place: int | slice, /) -> HeaderEntry | Sequence[HeaderEntry]:
        if isinstance(place, slice):
            return Entries(self.names[place], self.kinds[place], self.types)
        return HeaderEntry(self.names[place], *self.types[self.kinds[place]])

    def __iter__(self) -> Iterator[HeaderEntry]:
        types = self.types
        for name, kind in zip(self.names, self.kinds, strict=True):
            dtype, shape, nbytes = types[kind]
            yield HeaderEntry(name, dtype, shape, nbytes)

    def __len__(self) -> int:
        return len(self.names)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Sequence):
            return NotImplemented
        return len(self) == len(other) and all(a == b for a, b in zip(self, other, strict=True))

    def __hash__(self) -> int:
        return hash(tuple(self.names))


class EntriesInMaking:
    """Collects entries into columns."""

    def __init__(self) -> None:
        self._names: list[str] = []
        self._kinds = array("I")
        self._types: list[TypedShape] = []
        self._known: dict[tuple[int, tuple[int, ...], int], int] = {}
        self._alike: dict[tuple[int, int], int] = {}

    def add(self, name: str, dtype: DType, shape: tuple[int, ...], nbytes: int) -> None:
        key = (id(dtype), shape, nbytes)
        kind = self._known.get(key)
        if kind is None:
            kind = self._known[key] = len(self._types)
            self._types.append(TypedShape(dtype, shape, nbytes))
        self._names.append(name)
        self._kinds.append(kind)

    def add_like(self, name: str, entries: Sequence[HeaderEntry], place: int) -> None:
        """An entry of the type of another one, which is at a place of others."""
        if not isinstance(entries, Entries):
            _, dtype, shape, nbytes = entries[place]
            self.add(name, dtype, shape, nbytes)
            return
        old = id(entries.types), entries.kinds[place]
        kind = self._alike.get(old)
        if kind is None:
            self.add(name, *entries.types[old[1]])
            self._alike[old] = self._kinds[-1]
            return
        self._names.append(name)
        self._kinds.append(kind)

    def made(self) -> Entries:
        return Entries(self._names, self._kinds, self._types)


def names_of(entries: Sequence[HeaderEntry]) -> Sequence[str]:
    """The names of entries, in order."""
    return entries.names if isinstance(entries, Entries) else [entry.name for entry in entries]


def size_of(entries: Sequence[HeaderEntry]) -> int:
    """The bytes of all values."""
    if not isinstance(entries, Entries):
        return sum(entry.nbytes for entry in entries)
    sizes = [each.nbytes for each in entries.types]
    return sum(map(sizes.__getitem__, entries.kinds))


class _Order:
    """Texts in the order of their characters, with the places they have otherwise."""

    def __init__(self, texts: Iterable[str]) -> None:
        found = list(texts)
        self._places = array("I", sorted(range(len(found)), key=found.__getitem__))
        self._texts = [found[place] for place in self._places]

    def beginning(self, prefix: str) -> Sequence[int]:
        """The places of those that begin so."""
        first = bisect_left(self._texts, prefix)
        last = bisect_left(self._texts, True, first, key=lambda text: not text.startswith(prefix))
        return self._places[first:last]


_FEW = 64
"""Entries that are gone through rather than found by the ends of their names."""
_SCANS = 4
"""Searches by the ends of names that go through all of them; for more, names are put in order."""


@dataclass(frozen=True)
class Header:
    """Entries in file order; ``origin`` is the file or task they come from."""

    origin: str
    entries: Sequence[HeaderEntry]

    @classmethod
    def of(cls, origin: str, entries: Iterable[HeaderEntry]) -> Header:
        return cls(origin, entries if isinstance(entries, Entries) else tuple(entries))

    @property
    def names(self) -> Sequence[str]:
        """The names of the entries, in order."""
        return names_of(self.entries)

    @cached_property
    def by_name(self) -> dict[str, HeaderEntry]:
        return {entry.name: entry for entry in self.entries}

    def name(self, place: int) -> str:
        entries = self.entries
        return entries.names[place] if isinstance(entries, Entries) else entries[place].name

    def place(self, name: str) -> int | None:
        """Where an entry is in the order of the file; None where there is none of that name."""
        return self._places.get(name)

    def between(self, prefix: str, suffix: str = "") -> Iterator[HeaderEntry]:
        """Entries, in the order of the file, among them all whose names begin with ``prefix`` and
        end with ``suffix``; the time it takes depends on how many begin or end so, whichever are
        fewer, not on the size of the header."""
        found = self.places_between(prefix, suffix)
        if len(found) == len(self.entries):
            return iter(self.entries)
        return (self.entries[place] for place in found)

    def places_between(self, prefix: str, suffix: str = "") -> Sequence[int]:
        """The places of those entries, in order."""
        found: Sequence[int] = range(len(self.entries))
        if not prefix and (not suffix or len(found) <= _FEW):
            return found
        self._asked.append(prefix)
        if len(self._asked) <= _SCANS:
            return [
                place
                for place, name in enumerate(self.names)
                if name.startswith(prefix) and name.endswith(suffix)
            ]
        if prefix:
            found = self._forwards.beginning(prefix)
        if suffix and len(found) > _FEW:
            found = min(found, self._backwards.beginning(suffix[::-1]), key=len)
        return sorted(found)

    @cached_property
    def _asked(self) -> list[str]:
        """What was searched for, as long as that is not done in order."""
        return []

    @cached_property
    def _places(self) -> dict[str, int]:
        return {name: place for place, name in enumerate(self.names)}

    @cached_property
    def _forwards(self) -> _Order:
        return _Order(self.names)

    @cached_property
    def _backwards(self) -> _Order:
        return _Order(name[::-1] for name in self.names)

    @property
    def nbytes(self) -> int:
        return size_of(self.entries)

    def __iter__(self) -> Iterator[HeaderEntry]:
        return iter(self.entries)

    def __len__(self) -> int:
        return len(self.entries)

    def __contains__(self, name: object) -> bool:
        return name in self.by_name
