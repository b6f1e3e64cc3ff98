"""An index by names of entries that are made when they are asked for."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator, Sequence
from typing import overload

from declspore.checkpoint.bytesource import ByteSource
from declspore.checkpoint.reader import Entry, Indexed

_FEW = 16
"""Names that are looked for one by one; for more, all are put into a table."""
_NEAR = 8
"""Names after the last one found that are looked at first: most who ask go by the order of the
file, and need no table."""


class Named(Indexed):
    """Entries whose names are a column; subclasses make one of what else they keep."""

    def __init__(self, source: ByteSource) -> None:
        self.names: list[str] = []
        self._source = source
        self._places: dict[str, int] | None = None
        self._asked = 0
        self._next = 0

    @abstractmethod
    def _entry(self, place: int) -> Entry:
        """The entry at a place in the order of the file, which may be counted from its end."""

    @property
    def source(self) -> ByteSource:
        return self._source

    def __len__(self) -> int:
        return len(self.names)

    @overload
    def __getitem__(self, place: int, /) -> Entry: ...
    @overload
    def __getitem__(self, place: slice, /) -> Sequence[Entry]: ...
    def __getitem__(self, place: int | slice, /) -> Entry | Sequence[Entry]:
        if isinstance(place, slice):
            return tuple(self._entry(each) for each in range(*place.indices(len(self))))
        return self._entry(place)

    def __iter__(self) -> Iterator[Entry]:
        return map(self._entry, range(len(self)))

    def find(self, name: str) -> Entry | None:
        place = self._place(name)
        return None if place is None else self._entry(place)

    def _place(self, name: str) -> int | None:
        near = self._next
        for place in range(near, min(near + _NEAR, len(self.names))):
            if self.names[place] == name:
                self._next = place + 1
                return place
        if self._places is None:
            self._asked += 1
            if self._asked <= _FEW:
                return self.names.index(name) if name in self.names else None
            self._places = {each: place for place, each in enumerate(self.names)}
        return self._places.get(name)
