"""The values of a file by content, in columns: of a million entries, objects would take most of the
memory and time that a lock costs."""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import NamedTuple

from declspore.dataclass import dataclass
from declspore.ir.header import Entries, HeaderEntry, names_of

SIZE = 32
"""Bytes of a digest."""


@dataclass(frozen=True, slots=True)
class TensorDigest:
    """An entry of a checkpoint: element type, shape, and the BLAKE3 of its bytes."""

    dtype: str
    shape: tuple[int, ...]
    blake3: str


class Typed(NamedTuple):
    """What many entries have in common: the name of their element type, and their shape."""

    dtype: str
    shape: tuple[int, ...]


class TensorDigests(Mapping[str, TensorDigest]):
    """The entries of a file by name, in its order: for each which of ``types`` it has, and the
    bytes of its digest, one after the other. What describes one is made when it is asked for."""

    def __init__(
        self, names: Sequence[str], kinds: array[int], types: Sequence[Typed], digests: bytes
    ) -> None:
        self.names = names
        self.kinds = kinds
        self.types = types
        self.digests = digests

    @classmethod
    def of(cls, entries: Sequence[HeaderEntry], digests: bytes) -> TensorDigests:
        """Those of entries of a checkpoint."""
        if isinstance(entries, Entries):
            every = [Typed(type.dtype.name, type.shape) for type in entries.types]
            return cls(entries.names, entries.kinds, every, digests)
        kinds, types = in_columns((entry.dtype.name, entry.shape) for entry in entries)
        return cls(names_of(entries), kinds, types, digests)

    def place(self, name: str) -> int | None:
        """Where an entry is in the order of the file; None where it is not there."""
        return self._places.get(name)

    def digest(self, place: int) -> bytes:
        return self.digests[SIZE * place : SIZE * (place + 1)]

    def __getitem__(self, name: str) -> TensorDigest:
        place = self._places[name]
        return TensorDigest(*self.types[self.kinds[place]], self.digest(place).hex())

    def __iter__(self) -> Iterator[str]:
        return iter(self.names)

    def __len__(self) -> int:
        return len(self.names)

    @cached_property
    def _places(self) -> dict[str, int]:
        return {name: place for place, name in enumerate(self.names)}


def in_columns(
    typed: Iterator[tuple[str, tuple[int, ...]]],
) -> tuple[array[int], list[Typed]]:
    """Types and shapes that follow each other, as numbers of those that are different."""
    known: dict[tuple[str, tuple[int, ...]], int] = {}
    kinds = array("I", (known.setdefault(each, len(known)) for each in typed))
    return kinds, [Typed(*each) for each in known]
