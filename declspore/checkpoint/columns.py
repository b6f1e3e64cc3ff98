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

from declspore.checkpoint.bytesource import ByteSource
from declspore.checkpoint.reader import MOST_ENTRIES, Entry, Indexed, is_countable
from declspore.checkpoint.scan import Cursor, Record, TensorField, usual
from declspore.ir.dtype import BY_NAME, DType
from declspore.ir.header import TEXT, HeaderEntry

_FEW = 16
"""Names that are looked for one by one; for more, all are put into a table."""


class _Kind(NamedTuple):
    """What values of one type and shape have in common; ``length`` is that of their fields."""

    tensors: tuple[TensorField, ...]
    length: int
    dtype: DType
    shape: tuple[int, ...]
    nbytes: int


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
        self._places: dict[str, int] | None = None
        self._asked = 0

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

    def headers(self) -> Iterator[HeaderEntry]:
        every = self._every
        for name, kind in zip(self.names, self._kinds, strict=True):
            _, _, dtype, shape, nbytes = every[kind]
            yield HeaderEntry(name, dtype, shape, nbytes)

    def find(self, name: str) -> Entry | None:
        place = self._place(name)
        return None if place is None else self._entry(place)

    def _place(self, name: str) -> int | None:
        if self._places is None:
            self._asked += 1
            if self._asked <= _FEW:
                return self.names.index(name) if name in self.names else None
            self._places = {each: place for place, each in enumerate(self.names)}
        return self._places.get(name)

    def _entry(self, place: int) -> Entry:
        name, kind = self.names[place], self._every[self._kinds[place]]
        start = self._starts[place]
        first = start + self._heads[place]
        tag_end = first + self._tags[place]
        end = tag_end + kind.length
        record = Record(start, end, first, first, tag_end, name, kind.tensors, False)
        header = HeaderEntry(name, kind.dtype, kind.shape, kind.nbytes)
        dims = kind.tensors[0].dims
        return Entry(header, dims, self._source, (record.content(),), (record,))

    @classmethod
    def of(cls, source: ByteSource, end: int) -> Columns | None:
        """The index of the records up to ``end``; None where not all are of the usual layout, well,
        and of names of their own: what they are is then for others to find."""
        made = cls(source)
        names, starts, heads, tags, kinds = (
            *(made.names, made._starts, made._heads, made._tags, made._kinds),
        )
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
            names.append(name)
            starts.append(start)
            heads.append(first - start)
            tags.append(tag_end - first)
            kinds.append(kind)
        whole = cursor.position >= end and len(names) <= MOST_ENTRIES
        return made if whole and len(set(names)) == len(names) else None


def _kind(field: TensorField, tensors: tuple[TensorField, ...], length: int) -> _Kind | None:
    """None where something is wrong with it."""
    if field.type == TEXT.name:
        return _Kind(tensors, length, TEXT, (), field.nbytes)
    dtype = BY_NAME.get(field.type)
    if dtype is None:
        return None
    shape = () if field.dims == (0,) and field.nbytes == dtype.itemsize else field.dims
    expected = prod(shape) * dtype.itemsize
    if expected != field.nbytes or (not expected and not is_countable(shape)):
        return None
    return _Kind(tensors, length, dtype, shape, field.nbytes)
