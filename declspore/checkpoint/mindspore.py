"""MindSpore's own format: a run of protobuf records, perhaps with a CRC after them, perhaps
encrypted (docs/format.md)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from math import prod
from typing import BinaryIO

from declspore.checkpoint import crc, errors
from declspore.checkpoint.bytesource import ByteRange, ByteSource, Run
from declspore.checkpoint.cipher import DEFAULT_MODE, MODES, EncryptingFile, Mode, mode_of
from declspore.checkpoint.columns import Columns
from declspore.checkpoint.decrypted import DecryptedBytes
from declspore.checkpoint.filebytes import FileBytes
from declspore.checkpoint.format import Computed, Copied, Format, Pieces, Progress
from declspore.checkpoint.reader import (
    MOST_ENTRIES,
    Access,
    Checkpoint,
    Crc,
    Entry,
    is_countable,
    sorted_out,
)
from declspore.checkpoint.scan import Record, scan
from declspore.checkpoint.stream import ByteSink, write_pieces
from declspore.checkpoint.values import computed
from declspore.checkpoint.wire import encode_bytes, encode_key, encode_varint
from declspore.diagnostic import Diagnostic
from declspore.ir.dtype import BY_NAME, BY_NUMPY, DType
from declspore.ir.header import TEXT, HeaderEntry
from declspore.report import DiagnosticError

SLICE_BYTES = 512 * 1024 * 1024
"""MindSpore cuts values into records of at most this size."""


# ---- reading


def _recognises(head: bytes, size: int) -> bool:
    # a record is never empty, so what follows the key is not a zero
    return (head[:1] == b"\x0a" and head[1:2] > b"\0") or mode_of(head) is not None


def _open(file: FileBytes, path: str, access: Access, lenient: bool) -> Checkpoint:
    source, mode = _plain(file, path, access)
    stated = crc.stated(source)
    end = source.size - (0 if stated is None else crc.SUFFIX_SIZE)
    if mode is not None and source.read(0, 1) not in (b"\x0a", b""):
        assert access.key is not None
        raise errors.wrong_key(path, access.key.origin, mode.name)
    entries: Sequence[Entry] | None = Columns.of(source, end)
    problems: list[Diagnostic] = []
    if entries is None:
        found, problems = sorted_out(_index(source, end, path), path)
        entries = tuple(found)
    if problems and not lenient:
        raise DiagnosticError(problems)
    return Checkpoint(
        path,
        "ckpt",
        file,
        entries,
        problems=problems,
        mode=mode.name if mode else None,
        crc=None if stated is None else Crc(stated, lambda: _sum(source, end, entries, stated)),
    )


def _sum(source: ByteSource, end: int, entries: Iterable[Entry], stated: int) -> int:
    """The CRC of all records; or, where that is what is stated, of those without map parameters,
    which MindSpore forgets to count."""
    found = crc.crc_of(source, ByteRange(0, end))
    records = [record for entry in entries for record in entry.records]
    if found == stated or not any(record.is_map for record in records):
        return found
    counted = [record.whole for record in records if not record.is_map]
    return stated if crc.crc_of_parts(source, counted) == stated else found


def _plain(file: FileBytes, path: str, access: Access) -> tuple[ByteSource, Mode | None]:
    """The bytes of the records, decrypted where they must be."""
    mode = mode_of(file.read(0, 4))
    if mode is None:
        if access.key is not None:
            raise errors.not_encrypted(path)
        return file, None
    if access.key is None:
        raise errors.key_needed(path, mode.name)
    if access.mode is not None and access.mode != mode.name:
        raise errors.wrong_mode(path, mode.name, access.mode)
    return DecryptedBytes(file, path, mode, access.key), mode


def _index(source: ByteSource, end: int, path: str) -> Iterator[Entry | Diagnostic]:
    """The entries of a file, or what is wrong with them."""
    starts: dict[str, int] = {}
    for records in _joined(scan(source, end, path), path):
        first = records[0]
        start = starts.setdefault(first.name, first.start)
        if start != first.start:
            yield errors.duplicate(path, first.name, first.start, start)
        else:
            yield _entry(records, source, path)


def _joined(records: Iterable[Record], path: str) -> Iterator[tuple[Record, ...]]:
    """Neighbours with the same name are slices of one value. What came before damage comes too."""
    group: list[Record] = []
    try:
        for count, record in enumerate(records):
            if count >= MOST_ENTRIES:
                raise errors.too_many(path, MOST_ENTRIES, "records")
            if group and group[-1].name != record.name:
                yield tuple(group)
                group = []
            group.append(record)
    except DiagnosticError:
        if group:
            yield tuple(group)
        raise
    if group:
        yield tuple(group)


def _entry(records: tuple[Record, ...], source: ByteSource, path: str) -> Entry | Diagnostic:
    first = records[0]
    field = first.tensors[0]
    nbytes = field.nbytes
    if not first.is_map and len(records) == 1:
        parts: tuple[ByteRange, ...] = (first.content(),)
    else:
        if any(record.is_map for record in records):
            return _map_entry(records, source, path)
        for record in records:
            if record.tensors[0][:2] != field[:2]:
                return errors.malformed(
                    path, first.name, "has slices of different types or shapes", record.start
                )
        parts = tuple(record.content() for record in records)
        nbytes = sum(map(len, parts))
    if field.type == TEXT.name:
        header = HeaderEntry(first.name, TEXT, (), nbytes)
        return Entry(header, field.dims, source, parts, records)
    dtype = BY_NAME.get(field.type)
    if dtype is None:
        return errors.unknown_dtype(path, first.name, field.type)
    shape = () if field.dims == (0,) and nbytes == dtype.itemsize else field.dims
    expected = prod(shape) * dtype.itemsize
    header = HeaderEntry(first.name, dtype, shape, nbytes)
    if expected != nbytes:
        if len(records) > 1 and all(len(part) == expected for part in parts):
            return errors.duplicate(path, first.name, records[1].start, first.start)
        return errors.wrong_size(path, first.name, expected, nbytes, header.type)
    if not expected and not is_countable(shape):
        return errors.uncountable(path, first.name, header.type)
    return Entry(header, field.dims, source, parts, records)


def _map_entry(records: tuple[Record, ...], source: ByteSource, path: str) -> Entry | Diagnostic:
    """A hash table: in every slice keys, values and status, whose first dims add up."""
    name = records[0].name
    if not all(record.is_map for record in records):
        return errors.malformed_map(path, name, "has slices that are plain tensors")
    count = nbytes = 0
    for record in records:
        keys, values, status = record.tensors
        for field, first in zip(record.tensors, records[0].tensors, strict=True):
            dtype = BY_NUMPY.get(field.type.lower())
            if dtype is None:
                return errors.unknown_dtype(path, name, field.type)
            if field.nbytes != prod(field.dims) * dtype.itemsize:
                return errors.malformed_map(path, name, "holds other sizes than its shapes need")
            if not field.nbytes and not is_countable(field.dims):
                return errors.malformed_map(path, name, "has shapes no array can have")
            if (field.type, field.dims[1:]) != (first.type, first.dims[1:]):
                return errors.malformed_map(path, name, "has slices of different types")
        if not keys.dims or {values.dims[:1], status.dims[:1]} != {keys.dims[:1]}:
            return errors.malformed_map(path, name, "does not have as many keys as values")
        count += keys.dims[0]
        nbytes += sum(field.nbytes for field in record.tensors)
    keys, values, _ = records[0].tensors
    type = _map_type(BY_NUMPY[keys.type.lower()], BY_NUMPY[values.type.lower()])
    header = HeaderEntry(name, type, (count, *values.dims[1:]), nbytes)
    parts = tuple(record.content(tensor) for record in records for tensor in range(3))
    return Entry(header, header.shape, source, parts, records)


def _map_type(keys: DType, values: DType) -> DType:
    return DType("MapTensor", f"map({keys.short} -> {values.short})", "map", 0, "map")


# ---- writing

_RECORD = encode_key(1, 2)


def _write(file: BinaryIO, path: str, pieces: Pieces, access: Access, progress: Progress) -> None:
    encrypting: EncryptingFile | None = None
    if access.key is not None:
        mode = MODES[access.mode or DEFAULT_MODE]
        if not access.key.fits(mode):
            key = access.key
            raise errors.key_size(path, key.origin, len(key.secret), mode.name, mode.key_sizes)
        encrypting = EncryptingFile(file, mode, access.key)
    sink: ByteSink = encrypting or file
    summing = _Summing(sink) if access.crc else None
    to = summing or sink
    write_pieces(to, pieces, len(pieces), moved=_copied, made=_made, progress=progress)
    if summing is not None:
        sink.write(crc.suffix(summing.crc))
    if encrypting is not None:
        encrypting.finish()


class _Summing:
    """A file after which the CRC of what is written adds up."""

    def __init__(self, file: ByteSink) -> None:
        self._file = file
        self.crc = 0

    def write(self, data: bytes | memoryview) -> None:
        self.crc = crc.crc32(data, self.crc)
        self._file.write(data)


def _copied(piece: Copied) -> Iterator[bytes | Run]:
    """Records as they are, or with another tag before the same body."""
    source = piece.entry.source
    if not piece.entry.records:
        yield from _of_another_format(piece)
    for record in piece.entry.records:
        if piece.name == record.name:
            yield source, record.whole
            continue
        tag = encode_bytes(1, piece.name.encode())
        before = record.tag_start - record.first
        length = len(tag) + before + record.end - record.tag_end
        yield _RECORD + encode_varint(length) + tag
        if before:
            yield source, ByteRange(record.first, record.tag_start)
        yield source, ByteRange(record.tag_end, record.end)


def _of_another_format(piece: Copied) -> Iterator[bytes | Run]:
    left, room = piece.header.nbytes, 0
    if not left:
        yield _record_head(piece.header, 0)
    for part in piece.entry.parts:
        position = part.start
        while position < part.end:
            if not room:
                room = min(left, SLICE_BYTES)
                yield _record_head(piece.header, room)
            taken = min(room, part.end - position)
            yield piece.entry.source, ByteRange(position, position + taken)
            position += taken
            left -= taken
            room -= taken


def _made(piece: Computed) -> Iterator[bytes | memoryview]:
    """The records of a value, as MindSpore's ``save_checkpoint`` writes them.

    A value without elements gets a record too; MindSpore would silently leave it out.
    """
    data = computed(piece)
    for start in range(0, len(data) or 1, SLICE_BYTES):
        part = data[start : start + SLICE_BYTES]
        yield _record_head(piece.header, len(part))
        yield part


def _record_head(entry: HeaderEntry, nbytes: int) -> bytes:
    """The bytes of a record before its content."""
    dims = (0,) if entry.dtype == TEXT else entry.shape
    shape = b"".join(encode_key(1, 0) + encode_varint(dim) for dim in dims)
    type = encode_bytes(2, entry.dtype.name.encode())
    head = shape + type + encode_key(3, 2) + encode_varint(nbytes)
    tensor = encode_key(2, 2) + encode_varint(len(head) + nbytes) + head
    tag = encode_bytes(1, entry.name.encode())
    return _RECORD + encode_varint(len(tag) + len(tensor) + nbytes) + tag + tensor


MINDSPORE = Format(
    name="ckpt",
    title="a MindSpore checkpoint",
    suffix=".ckpt",
    recognises=_recognises,
    open=_open,
    write=_write,
    protects=True,
    sums=True,
)
