"""The index of a checkpoint of many entries, kept in columns: an entry takes 100 bytes, where the
objects that describe it take 700.

Only files whose records are all laid out as MindSpore lays them out have such an index; what the
bytes before a content say of it is kept once for all values of one type and shape.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator
from math import prod
from typing import NamedTuple

from declspore.checkpoint.bytesource import ByteRange, ByteSource
from declspore.checkpoint.named import Named
from declspore.checkpoint.reader import MOST_ENTRIES, Entry, is_countable
from declspore.checkpoint.scan import Cursor, Record, TensorField, usual
from declspore.ir.dtype import BY_NAME
from declspore.ir.header import TEXT, Entries, HeaderEntry, TypedShape


class _Kind(NamedTuple):
    """What values of one type and shape have in common; ``length`` is that of their fields."""

    tensors: tuple[TensorField, ...]
    length: int
    type: TypedShape


class Columns(Named):
    """Entries of records."""

    def __init__(self, source: ByteSource) -> None:
        super().__init__(source)
        self._starts = array("q")
        self._heads = array("B")
        """From where a record starts to where its fields begin."""
        self._tags = array("I")
        """Lengths of the fields that hold the names."""
        self._kinds = array("I")
        self._every: list[_Kind] = []
        self._types: list[TypedShape] = []

    @property
    def headers(self) -> Entries:
        return Entries(self.names, self._kinds, self._types)

    def contents(self) -> Iterator[tuple[int, int]]:
        inside = [_inside(kind) for kind in self._every]
        columns = zip(self._starts, self._heads, self._tags, self._kinds, strict=True)
        for start, head, tag, kind in columns:
            fields = start + head + tag
            first, last = inside[kind]
            yield fields + first, fields + last

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


def _inside(kind: _Kind) -> tuple[int, int]:
    """Where a content begins and ends, seen from where the fields of its record begin."""
    field = kind.tensors[0]
    first = kind.length - field.back
    return first, first + field.nbytes


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
