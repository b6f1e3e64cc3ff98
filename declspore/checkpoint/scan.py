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

    ``body`` is the record without its tag field, when that field comes first, as it does in every
    file MindSpore writes; so a renamed record is a new tag and the same body.
    """

    whole: ByteRange
    body: ByteRange
    name: str
    type: str
    dims: tuple[int, ...]
    content: ByteRange
    is_map: bool


class _Cut(Exception):
    """The message around ends here; ``offset`` is where more was expected."""

    def __init__(self, offset: int, lacking: int) -> None:
        self.offset = offset
        self.lacking = lacking


class _Damage(Exception):
    def __init__(self, offset: int, reason: str) -> None:
        super().__init__(reason)
        self.offset = offset


def scan(fd: int, size: int, path: str) -> Iterator[Record]:
    """The records of an open file in order. Raises DiagnosticError where it is damaged."""
    cursor = _Cursor(fd, 0, size)
    index = 0
    while cursor.position < cursor.end:
        start, name = cursor.position, _Name()
        try:
            yield _record(cursor, name)
        except _Cut as cut:
            at_end = cut.offset + cut.lacking > size
            if at_end:
                raise errors.truncated(path, size, name.text, index, cut.lacking) from None
            reason = "a field reaches beyond its message"
            raise errors.damaged(path, cut.offset, reason, name.text, index) from None
        except _Damage as damage:
            reason = str(damage)
            offset = damage.offset if damage.offset >= 0 else start
            raise errors.damaged(path, offset, reason, name.text, index) from None
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
                raise _Cut(start + shift // 7, 1)
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
            raise _Cut(self.position, self.position + length - end)
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
    key = cursor.varint(cursor.end)
    if key != 0x0A:
        raise _Damage(start, "no record begins here")
    length = cursor.varint(cursor.end)
    inner = cursor.position
    end = inner + length
    beyond = end > cursor.end
    body = inner
    tensor: tuple[str, tuple[int, ...], ByteRange] | None = None
    is_map = False
    while cursor.position < min(end, cursor.end):
        at = cursor.position
        key = cursor.varint(end)
        match key:
            case 0x0A:
                name.text = _text(cursor, end)
                body = cursor.position if at == inner else inner
            case 0x12:
                tensor = _tensor(cursor, end)
            case 0x1A:
                is_map = True
                _skip_field(cursor, key, end)
            case _:
                _skip_field(cursor, key, end)
    if beyond:
        raise _Cut(cursor.end, end - cursor.end)
    if name.text is None:
        raise _Damage(start, "the record has no name")
    if tensor is None and not is_map:
        raise _Damage(start, "the record has no tensor")
    type, dims, content = tensor or ("map", (), ByteRange(end, end))
    return Record(
        ByteRange(start, end), ByteRange(body, end), name.text, type, dims, content, is_map
    )


def _tensor(cursor: _Cursor, end: int) -> tuple[str, tuple[int, ...], ByteRange]:
    length = cursor.varint(end)
    stop = cursor.position + length
    if stop > end:
        raise _Cut(cursor.position, stop - end)
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
        raise _Cut(cursor.position, stop - end)
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
