"""The index of a checkpoint: its records, found from their headers alone.

A checkpoint is one protobuf message without a header of its own: a run of records, each field 1
of ``Checkpoint``. A record is ``Value{1: tag, 2: TensorProto{1: dims, 2: type, 3: content}}``.
Contents are skipped, not read. Every step is checked against the bounds of the message around it.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass

from declspore.checkpoint import errors
from declspore.checkpoint.wire import BYTES, FIXED32, FIXED64, VARINT

CRC_MARK = b"crc_num"
CRC_SUFFIX = 17
_RECORD = 0x0A
_WINDOW = 4096
_LONGEST_NAME = 1 << 20


@dataclass(frozen=True, slots=True)
class ByteRange:
    """The bytes ``start`` to ``end`` (exclusive) of a file."""

    start: int
    end: int

    def __len__(self) -> int:
        return self.end - self.start


@dataclass(frozen=True, slots=True)
class Record:
    """One record: where it lies, what its header says, and where its content lies.

    ``body`` is the record without its tag field, before and behind it; so a renamed record is a
    new tag and the same body.
    """

    whole: ByteRange
    body: tuple[ByteRange, ByteRange]
    name: str
    type: str
    dims: tuple[int, ...]
    content: ByteRange
    is_map: bool


class _Truncated(Exception):
    """The file ends before the record does."""

    def __init__(self, lacking: int) -> None:
        super().__init__()
        self.lacking = lacking


class _Damage(Exception):
    """Bytes at ``offset`` that no writer puts there."""

    def __init__(self, offset: int, reason: str = "a field reaches beyond its message") -> None:
        super().__init__(reason)
        self.offset = offset


def scan(fd: int, size: int, path: str) -> Iterator[Record]:
    """The records of an open file in order. Raises DiagnosticError where it is damaged."""
    cursor = _Cursor(fd, 0, size)
    index = 0
    while cursor.position < cursor.end:
        name = _Name()
        try:
            yield _record(cursor, name)
        except _Truncated as cut:
            raise errors.truncated(path, size, name.text, index, cut.lacking) from None
        except _Damage as damage:
            raise errors.damaged(path, damage.offset, str(damage), name.text, index) from None
        index += 1


class _Name:
    """The tag of the record being read, for messages."""

    text: str | None = None


class _Cursor:
    """A position in a file that moves forward; reads small windows, never contents."""

    __slots__ = ("_base", "_buffer", "_fd", "end", "position")

    def __init__(self, fd: int, position: int, end: int) -> None:
        self._fd = fd
        self._buffer = b""
        self._base = 0
        self.position = position
        self.end = end

    def varint(self, end: int) -> int:
        """A base-128 number that lies before ``end``."""
        at = self._window(10)
        buffer = self._buffer
        value = shift = 0
        start = self.position
        while True:
            if start + shift // 7 >= end:
                raise _Damage(start + shift // 7)
            byte = buffer[at]
            at += 1
            value |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                break
            if shift >= 70:
                raise _Damage(start, "a number of more than ten bytes")
        self.position = start + shift // 7
        return value & 0xFFFFFFFFFFFFFFFF

    def take(self, length: int, end: int) -> bytes:
        """The next bytes, which lie before ``end``."""
        start = self.position
        self.skip(length, end)
        self.position = start
        at = self._window(length)
        self.position = start + length
        return self._buffer[at : at + length]

    def skip(self, length: int, end: int) -> None:
        if self.position + length > end:
            raise _Damage(self.position)
        self.position += length

    def _window(self, length: int) -> int:
        """Make sure the next bytes are in the buffer, as far as the file has them."""
        at = self.position - self._base
        if at < 0 or at + length > len(self._buffer):
            self._buffer = os.pread(self._fd, max(length, _WINDOW), self.position)
            self._base, at = self.position, 0
        return at


def _record(cursor: _Cursor, name: _Name) -> Record:
    start = cursor.position
    try:
        key = cursor.varint(cursor.end)
        length = cursor.varint(cursor.end)
    except _Damage:
        raise _Truncated(1) from None
    if key != _RECORD:
        raise _Damage(start, "no record begins here")
    end = cursor.position + length
    try:
        record = _fields(cursor, start, min(end, cursor.end), name)
    except _Damage:
        if end > cursor.end:
            raise _Truncated(end - cursor.end) from None
        raise
    if end > cursor.end:
        raise _Truncated(end - cursor.end)
    return record


def _fields(cursor: _Cursor, start: int, end: int, name: _Name) -> Record:
    """The fields of a record, which begin at the cursor and end at ``end``."""
    first = cursor.position
    tag = ByteRange(first, first)
    tensor: tuple[str, tuple[int, ...], ByteRange] | None = None
    is_map = False
    while cursor.position < end:
        at = cursor.position
        key = cursor.varint(end)
        match key:
            case 0x0A:
                if name.text is not None:
                    raise _Damage(at, "the record has two names")
                name.text = _text(cursor, end)
                tag = ByteRange(at, cursor.position)
            case 0x12:
                tensor = _tensor(cursor, end)
            case 0x1A:
                is_map = True
                _skip_field(cursor, key, end)
            case _:
                _skip_field(cursor, key, end)
    if name.text is None:
        raise _Damage(start, "the record has no name")
    if tensor is None and not is_map:
        raise _Damage(start, "the record has no tensor")
    type, dims, content = tensor or ("map", (), ByteRange(end, end))
    body = (ByteRange(first, tag.start), ByteRange(tag.end, end))
    return Record(ByteRange(start, end), body, name.text, type, dims, content, is_map)


def _tensor(cursor: _Cursor, end: int) -> tuple[str, tuple[int, ...], ByteRange]:
    length = cursor.varint(end)
    stop = cursor.position + length
    if stop > end:
        raise _Damage(cursor.position)
    dims: list[int] = []
    type = ""
    content = ByteRange(stop, stop)
    while cursor.position < stop:
        at = cursor.position
        key = cursor.varint(stop)
        match key:
            case 0x08:
                dims.append(_dimension(cursor.varint(stop), at))
            case 0x0A:
                dims += _packed(cursor, stop)
            case 0x12:
                type = _text(cursor, stop)
            case 0x1A:
                size = cursor.varint(stop)
                begin = cursor.position
                cursor.skip(size, stop)
                content = ByteRange(begin, begin + size)
            case _:
                _skip_field(cursor, key, stop)
    return type, tuple(dims), content


def _packed(cursor: _Cursor, end: int) -> list[int]:
    length = cursor.varint(end)
    stop = cursor.position + length
    if stop > end:
        raise _Damage(cursor.position)
    dims = []
    while cursor.position < stop:
        at = cursor.position
        dims.append(_dimension(cursor.varint(stop), at))
    return dims


def _dimension(value: int, at: int) -> int:
    if value >= 1 << 62:
        raise _Damage(at, "a negative dimension")
    return value


def _text(cursor: _Cursor, end: int) -> str:
    length = cursor.varint(end)
    at = cursor.position
    if length > _LONGEST_NAME and at + length <= end:
        raise _Damage(at, "a name of more than a million bytes")
    try:
        return cursor.take(length, end).decode("utf-8")
    except UnicodeDecodeError:
        raise _Damage(at, "a name that is not UTF-8") from None


def _skip_field(cursor: _Cursor, key: int, end: int) -> None:
    """Pass over a field this version does not know."""
    at = cursor.position
    kind = key & 7
    if kind == VARINT:
        cursor.varint(end)
    elif kind == FIXED64:
        cursor.skip(8, end)
    elif kind == BYTES:
        cursor.skip(cursor.varint(end), end)
    elif kind == FIXED32:
        cursor.skip(4, end)
    else:
        raise _Damage(at, "bytes that are no protobuf field")
    if key >> 3 == 0:
        raise _Damage(at, "bytes that are no protobuf field")
