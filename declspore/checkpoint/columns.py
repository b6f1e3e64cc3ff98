"""The index of a checkpoint of many entries, kept in columns: an entry takes 100 bytes, where the
objects that describe it take 700.

Only files whose records are all laid out as MindSpore lays them out have such an index; what the
bytes before a content say of it is kept once for all values of one type and shape.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Sequence
from math import prod
from typing import NamedTuple, overload

from declspore.checkpoint.bytesource import ByteRange, ByteSource
from declspore.checkpoint.reader import MOST_ENTRIES, Entry, Indexed, is_countable
from declspore.checkpoint.scan import Cursor, Record, TensorField, usual
from declspore.ir.dtype import BY_NAME
from declspore.ir.header import TEXT, Entries, HeaderEntry, TypedShape

_FEW = 16
"""Names that are looked for one by one; for more, all are put into a table."""
_NEAR = 8
"""Names behind the last one found that are looked at first: most who ask go by the order of the
file, and need no table."""


class _Kind(NamedTuple):
    """What values of one type and shape have in common; ``length`` is that of their fields."""

    tensors: tuple[TensorField, ...]
    length: int
    type: TypedShape


class Columns(Indexed):
    """Entries that are made when they are asked for."""

    def __init__(self, source: ByteSource) -> None:
        self.names: list[str] = []
        self._source = source
        self._starts = array("q")
        self._heads = array("B")
        """From where a record starts to where its fields begin."""
        self._tags = array("I")
        """Lengths of the fields that hold the names."""
        self._kinds = array("I")
        self._every: list[_Kind] = []
        self._types: list[TypedShape] = []
        self._places: dict[str, int] | None = None
        self._asked = 0
        self._next = 0

    def __len__(self) -> int:
        return len(self.names)

    @overload
    def __getitem__(self, place: int, /) -> Entry: ...
    @overload
    def __getitem__(self, place: slice, /) -> Sequence[Entry]: ...
    def __getitem__(self, place: int | slice, /) -> Entry | Sequence[Entry]:
        if isinstance(place, slice):
            return tuple(self._entry(each) for each in range(*place.indices(len(self))))
        return self._entry(range(len(self))[place])

    def __iter__(self) -> Iterator[Entry]:
        return map(self._entry, range(len(self)))

    @property
    def headers(self) -> Entries:
        return Entries(self.names, self._kinds, self._types)

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

    def _entry(self, place: int) -> Entry:
        name, (tensors, length, type) = self.names[place], self._every[self._kinds[place]]
        start = self._starts[place]
        first = start + self._heads[place]
        tag_end = first + self._tags[place]
        end = tag_end + length
        record = Record(start, end, first, first, tag_end, name, tensors, False)
        _, dims, nbytes, back = tensors[0]
        content = ByteRange(end - back, end - back + nbytes)
        return Entry(HeaderEntry(name, *type), dims, self._source, (content,), (record,))

    @classmethod
    def of(cls, source: ByteSource, end: int) -> Columns | None:
        """The index of the records up to ``end``; None where not all are of the usual layout, well,
        and of names of their own: what they are is then for others to find."""
        made = cls(source)
        names, add_name = made.names, made.names.append
        add_start, add_head = made._starts.append, made._heads.append
        add_tag, add_kind = made._tags.append, made._kinds.append
        known: dict[bytes, int] = {}
        cursor = Cursor(source, 0, end)
        for start, first, tag_end, name, head, value in usual(cursor):
            kind = known.get(head)
            if kind is None:
                (field,) = value.tensors
                found = _kind(field, value.tensors, value.length)
                if found is None:
                    return None
                kind = known[head] = len(made._every)
                made._every.append(found)
                made._types.append(found.type)
            add_name(name)
            add_start(start)
            add_head(first - start)
            add_tag(tag_end - first)
            add_kind(kind)
        whole = cursor.position >= end and len(names) <= MOST_ENTRIES
        return made if whole and len(set(names)) == len(names) else None


def _kind(field: TensorField, tensors: tuple[TensorField, ...], length: int) -> _Kind | None:
    """None where something is wrong with it."""
    if field.type == TEXT.name:
        return _Kind(tensors, length, TypedShape(TEXT, (), field.nbytes))
    dtype = BY_NAME.get(field.type)
    if dtype is None:
        return None
    shape = () if field.dims == (0,) and field.nbytes == dtype.itemsize else field.dims
    expected = prod(shape) * dtype.itemsize
    if expected != field.nbytes or (not expected and not is_countable(shape)):
        return None
    return _Kind(tensors, length, TypedShape(dtype, shape, field.nbytes))
