"""The index of a checkpoint: its records, found from their headers alone.

A checkpoint is one protobuf message without a header of its own: a run of records, each field 1
of ``Checkpoint``. A record is ``Value{1: tag, 2: TensorProto{1: dims, 2: type, 3: content}}``, or
holds a map parameter in field 3. Contents are skipped, not read. Every step is checked against
the bounds of the message around it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from declspore.checkpoint import errors
from declspore.checkpoint.bytesource import ByteRange, ByteSource
from declspore.checkpoint.wire import BYTES, FIXED32, FIXED64, VARINT

_RECORD = 0x0A
_WINDOW = 4096
_HEAD = 512
"""What the bytes before a content usually fit into."""
LONGEST_NAME = 1 << 20
MOST_DIMS = 64
"""As many as NumPy takes."""


class TensorField(NamedTuple):
    """A TensorProto: its type as written, its dims, and where its content lies: it begins ``back``
    bytes before the end of the record, so that records of one size and shape share this."""

    type: str
    dims: tuple[int, ...]
    nbytes: int
    back: int


class Record(NamedTuple):
    """One record: where it lies, what its header says, and where its tag field lies.

    ``first`` is where its fields begin. ``tensors`` has one tensor; of a map parameter (``is_map``)
    those of its keys, values and status.
    """

    start: int
    end: int
    first: int
    tag_start: int
    tag_end: int
    name: str
    tensors: tuple[TensorField, ...]
    is_map: bool

    @property
    def whole(self) -> ByteRange:
        return ByteRange(self.start, self.end)

    def content(self, tensor: int = 0) -> ByteRange:
        """Where the bytes of a tensor lie."""
        field = self.tensors[tensor]
        start = self.end - field.back
        return ByteRange(start, start + field.nbytes)


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


def scan(source: ByteSource, end: int, path: str) -> Iterator[Record]:
    """The records up to ``end`` in order. Raises DiagnosticError where the bytes are damaged."""
    cursor = Cursor(source, 0, end)
    while True:
        for start, first, tag_end, name, _, value in usual(cursor):
            end = tag_end + value.length
            yield Record(start, end, first, first, tag_end, name, value.tensors, False)
        if cursor.position >= cursor.end:
            return
        yield _any(cursor, path)


def usual(cursor: Cursor) -> Iterator[tuple[int, int, int, str, bytes, Value]]:
    """The next records that are laid out as MindSpore lays them out: where each starts, its fields
    begin and its tag ends; its name; and the head of its value, with what that says.

    What makes an index fast: one look at the bytes before the content, and what they say of the
    value is read once for all values of one size and shape.
    """
    numbers, values = cursor.numbers, cursor.values
    start = cursor.position
    while start < cursor.end:
        at = cursor.window(_HEAD)
        found = _USUAL.match(cursor.buffer, at)
        if found is None:
            return
        size, tag_size, tag, head = found.group(1, 2, 3, 4)
        if head not in values:
            values[head] = _value(found, numbers)
        value = values[head]
        first = start + 1 + len(size)
        tag_end = first + 1 + len(tag_size) + len(tag)
        end = first + numbers[size]
        if value is None or len(tag) != numbers[tag_size] or tag_end + value.length != end:
            return
        if end > cursor.end:
            return
        try:
            name = tag.decode()
        except UnicodeDecodeError:
            return
        cursor.position = end
        cursor.passed += 1
        yield start, first, tag_end, name, head, value
        start = end


_NUMBER = rb"[\x80-\xff]{0,8}[\x00-\x7f]"
_DIM = re.compile(rb"\x08(" + _NUMBER + rb")")
_USUAL = re.compile(
    rb"\x0a(" + _NUMBER + rb")\x0a(" + _NUMBER + rb")([^\x00-\x1f]+)"
    rb"(\x12(?P<length>" + _NUMBER + rb")(?P<dims>(?:\x08" + _NUMBER + rb")*)"
    rb"\x12(?P<type_length>[\x00-\x7f])(?P<type>[A-Za-z0-9]+)"
    rb"\x1a(?P<nbytes>" + _NUMBER + rb"))"
)
"""A record up to its content: its length, that of the name, the name (without control characters)
and the value."""


class Value(NamedTuple):
    """What the bytes before a content say of it. ``length`` is that of the whole field."""

    length: int
    tensors: tuple[TensorField]


class _Numbers(dict[bytes, int]):
    """Base-128 numbers, read once each."""

    def __missing__(self, digits: bytes) -> int:
        value = 0
        for byte in reversed(digits):
            value = value << 7 | byte & 0x7F
        self[digits] = value
        return value


def _value(record: re.Match[bytes], numbers: _Numbers) -> Value | None:
    """None where the lengths do not agree or the dims are none."""
    length, nbytes = numbers[record["length"]], numbers[record["nbytes"]]
    dims = tuple(numbers[dim] for dim in _DIM.findall(record["dims"]))
    before = record.end() - record.end("length")
    if record["type_length"][0] != len(record["type"]) or before + nbytes != length:
        return None
    if len(dims) > MOST_DIMS or max(dims, default=0) >> 62:
        return None
    field = TensorField(record["type"].decode(), dims, nbytes, nbytes)
    return Value(record.end("length") - record.start(4) + length, (field,))


def _any(cursor: Cursor, path: str) -> Record:
    """A record of any layout; else what is wrong with it and where."""
    name = _Name()
    start, index = cursor.position, cursor.passed
    try:
        record = _record(cursor, name)
    except _Truncated as cut:
        size = cursor.end
        raise errors.truncated(path, size, name.text, index, start, cut.lacking) from None
    except _Damage as damage:
        raise errors.damaged(path, damage.offset, str(damage), name.text, index) from None
    cursor.passed += 1
    return record


class _Name:
    """The tag of the record being read, for messages."""

    text: str | None = None


class Cursor:
    """A position that moves forward; reads small windows, never contents."""

    __slots__ = ("_base", "_source", "buffer", "end", "numbers", "passed", "position", "values")

    def __init__(self, source: ByteSource, position: int, end: int) -> None:
        self._source = source
        self.buffer = b""
        self._base = 0
        self.position = position
        self.end = end
        self.passed = 0
        """Records."""
        self.numbers = _Numbers()
        self.values: dict[bytes, Value | None] = {}
        """What the heads of values say that were read."""

    def varint(self, end: int) -> int:
        """A base-128 number that lies before ``end``."""
        at = self.window(10)
        buffer = self.buffer
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
        at = self.window(length)
        self.position = start + length
        return self.buffer[at : at + length]

    def skip(self, length: int, end: int) -> None:
        if self.position + length > end:
            raise _Damage(self.position)
        self.position += length

    def window(self, length: int) -> int:
        """Make sure the next bytes are in the buffer, as far as there are any; where they are."""
        at = self.position - self._base
        if not 0 <= at <= len(self.buffer) - length:
            # after a large content the next header is alone, after a small one many are near
            usual = _HEAD if at > _WINDOW else _WINDOW
            wanted = min(max(length, usual), self.end - self.position)
            if not 0 <= at <= len(self.buffer) - wanted:
                self.buffer = self._source.read(self.position, wanted)
                self._base, at = self.position, 0
        return at


def _record(cursor: Cursor, name: _Name) -> Record:
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


def _fields(cursor: Cursor, start: int, end: int, name: _Name) -> Record:
    """The fields of a record, which begin at the cursor and end at ``end``."""
    first = cursor.position
    tag = ByteRange(first, first)
    tensors: tuple[TensorField, ...] = ()
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
            case 0x12 | 0x1A if tensors:
                raise _Damage(at, "the record has two values")
            case 0x12:
                tensors = (_tensor(cursor, end, end),)
            case 0x1A:
                is_map = True
                tensors = _map(cursor, end, at)
            case _:
                _skip_field(cursor, key, end)
    if name.text is None:
        raise _Damage(start, "the record has no name")
    if not tensors:
        raise _Damage(start, "the record has no tensor")
    return Record(start, end, first, tag.start, tag.end, name.text, tensors, is_map)


def _map(cursor: Cursor, end: int, at: int) -> tuple[TensorField, ...]:
    """The tensors of a map parameter: keys, values, status."""
    stop = _message(cursor, end)
    tensors = []
    while cursor.position < stop:
        key = cursor.varint(stop)
        if key == 0x0A:
            tensors.append(_tensor(cursor, stop, end))
            if len(tensors) > 3:
                break
        else:
            _skip_field(cursor, key, stop)
    if len(tensors) != 3:
        raise _Damage(at, f"a map parameter of {len(tensors)} tensors, not keys, values, status")
    return tuple(tensors)


def _tensor(cursor: Cursor, end: int, record_end: int) -> TensorField:
    stop = _message(cursor, end)
    dims: list[int] = []
    type = ""
    nbytes, start = 0, stop
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
                nbytes = cursor.varint(stop)
                start = cursor.position
                cursor.skip(nbytes, stop)
            case _:
                _skip_field(cursor, key, stop)
        if len(dims) > MOST_DIMS:
            raise _Damage(at, f"a tensor of more than {MOST_DIMS} dimensions")
    return TensorField(type, tuple(dims), nbytes, record_end - start)


def _message(cursor: Cursor, end: int) -> int:
    """Where the message that begins at the cursor ends."""
    length = cursor.varint(end)
    stop = cursor.position + length
    if stop > end:
        raise _Damage(cursor.position)
    return stop


def _packed(cursor: Cursor, end: int) -> list[int]:
    stop = _message(cursor, end)
    dims: list[int] = []
    while cursor.position < stop and len(dims) <= MOST_DIMS:
        at = cursor.position
        dims.append(_dimension(cursor.varint(stop), at))
    return dims


def _dimension(value: int, at: int) -> int:
    if value >= 1 << 62:
        raise _Damage(at, "a negative dimension")
    return value


def _text(cursor: Cursor, end: int) -> str:
    length = cursor.varint(end)
    at = cursor.position
    if length > LONGEST_NAME and at + length <= end:
        raise _Damage(at, "a name of more than a million bytes")
    try:
        return cursor.take(length, end).decode("utf-8")
    except UnicodeDecodeError:
        raise _Damage(at, "a name that is not UTF-8") from None


def _skip_field(cursor: Cursor, key: int, end: int) -> None:
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
        raise _Damage(at, "bytes that are not a protobuf field")
    if key >> 3 == 0:
        raise _Damage(at, "bytes that are not a protobuf field")
