"""The index of a file whose values lie one after the other, in columns: an entry takes 12 bytes
and its name, where the objects that describe it take 700."""

from __future__ import annotations

from array import array
from collections.abc import Iterator

from declspore.checkpoint.bytesource import ByteRange, ByteSource
from declspore.checkpoint.named import Named
from declspore.checkpoint.reader import Entry
from declspore.ir.header import Entries, HeaderEntry, TypedShape


class Placed(Named):
    """Entries of one run of bytes each; they are added in the order of the file."""

    def __init__(self, source: ByteSource, types: list[TypedShape]) -> None:
        super().__init__(source)
        self._types = types
        self._starts = array("q")
        self._kinds = array("I")

    def add(self, name: str, start: int, kind: int) -> None:
        """An entry of one of the types that begins there."""
        self.names.append(name)
        self._starts.append(start)
        self._kinds.append(kind)

    @property
    def headers(self) -> Entries:
        return Entries(self.names, self._kinds, self._types)

    def contents(self) -> Iterator[tuple[int, int]]:
        sizes = [type.nbytes for type in self._types]
        for start, kind in zip(self._starts, self._kinds, strict=True):
            yield start, start + sizes[kind]

    def _entry(self, place: int) -> Entry:
        type, start = self._types[self._kinds[place]], self._starts[place]
        content = ByteRange(start, start + type.nbytes)
        return Entry(HeaderEntry(self.names[place], *type), type.shape, self._source, (content,))
