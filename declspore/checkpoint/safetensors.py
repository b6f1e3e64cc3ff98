"""The safetensors format, as MindSpore's ``format="safetensors"`` and the library write it.

``u64 length | JSON header | tensors``: the header gives each tensor its dtype, shape and place.
Read and written here, because the library can neither write a tensor at a time nor say which
entry of a faulty file is wrong (docs/decisions/0006); the tests hold the bytes against it.
"""

from __future__ import annotations

import json
from array import array
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from itertools import chain
from math import prod
from typing import BinaryIO

from declspore.checkpoint import crc, errors
from declspore.checkpoint.bytesource import ByteRange, Run
from declspore.checkpoint.filebytes import FileBytes
from declspore.checkpoint.format import Copied, Format, Pieces, Progress
from declspore.checkpoint.reader import (
    Access,
    Checkpoint,
    Crc,
    Entry,
    is_countable,
    is_name,
    is_utf8,
    sorted_out,
)
from declspore.checkpoint.stream import write_pieces
from declspore.checkpoint.table import Fields, Table
from declspore.checkpoint.values import computed
from declspore.diagnostic import Diagnostic
from declspore.ir.dtype import (
    BFLOAT16,
    BOOL,
    COMPLEX64,
    FLOAT8_E4M3,
    FLOAT8_E5M2,
    FLOAT16,
    FLOAT32,
    FLOAT64,
    HIFLOAT8,
    INT4,
    INT8,
    INT16,
    INT32,
    INT64,
    UINT8,
    UINT16,
    UINT32,
    UINT64,
    DType,
)
from declspore.ir.header import HeaderEntry, TypedShape, names_of
from declspore.report import DiagnosticError

_LONGEST_HEADER = 100_000_000
"""The library's own limit."""
_METADATA = "__metadata__"
_CRC = "crc_num"
_CRC_DIGITS = 10

# in the library's order: it lays tensors out by falling type, then by name
_NAMES = {
    "BOOL": BOOL,
    "U8": UINT8,
    "I8": INT8,
    "F8_E5M2": FLOAT8_E5M2,
    "F8_E4M3": FLOAT8_E4M3,
    "I16": INT16,
    "U16": UINT16,
    "F16": FLOAT16,
    "BF16": BFLOAT16,
    "I32": INT32,
    "U32": UINT32,
    "F32": FLOAT32,
    "C64": COMPLEX64,
    "F64": FLOAT64,
    "I64": INT64,
    "U64": UINT64,
}
_PACKED = {INT4: INT8, HIFLOAT8: UINT8}
"""What the format does not know is stored as another type, and named in the metadata."""
_BY_DTYPE: dict[DType, str] = {dtype: name for name, dtype in _NAMES.items()}
_BY_DTYPE |= {dtype: _BY_DTYPE[stored] for dtype, stored in _PACKED.items()}
_RANK = {name: rank for rank, name in enumerate(_NAMES)}


# ---- reading


def _recognises(head: bytes, size: int) -> bool:
    length = int.from_bytes(head[:8], "little")
    return 2 <= length <= _LONGEST_HEADER and head[8:9] == b"{"


def _open(file: FileBytes, path: str, access: Access, lenient: bool) -> Checkpoint:
    length = int.from_bytes(file.read(0, 8), "little")
    if length > _LONGEST_HEADER:
        raise errors.damaged_file(path, 0, f"a header of {length:,} bytes")
    if 8 + length > file.size:
        raise errors.cut_short(path, file.size, 8 + length - file.size)
    table = Table.parsed(file.read(8, length), path)
    metadata = _metadata(table.metadata, path)
    start = 8 + length
    entries: Sequence[Entry] | None = table.placed(_types(table, metadata), file, start)
    problems: list[Diagnostic] = []
    if entries is None:
        entries, problems = _one_by_one(table, metadata, file, start, path)
    if problems and not lenient:
        raise DiagnosticError(problems)
    return Checkpoint(
        path,
        "safetensors",
        file,
        entries,
        problems=problems,
        crc=None if problems else _crc(metadata, entries),
        metadata=metadata,
    )


def _types(table: Table, metadata: Mapping[str, str]) -> list[TypedShape] | None:
    """The types of tensors; None where some are none, or where metadata say them of each."""
    if any(packed.name in metadata.values() for packed in _PACKED):
        return None
    found: list[TypedShape] = []
    for name, shape in table.kinds:
        dtype = _NAMES.get(name)
        if dtype is None or not is_countable(shape):
            return None
        found.append(TypedShape(dtype, shape, prod(shape) * dtype.itemsize))
    return found


def _one_by_one(
    table: Table, metadata: Mapping[str, str], file: FileBytes, start: int, path: str
) -> tuple[Sequence[Entry], list[Diagnostic]]:
    """The entries, and what is wrong with others."""
    every = ((name, table.fields(fields)) for name, fields in table.rows.items())
    found = (_entry(*row, metadata, file, start, path) for row in every)
    faults = [errors.duplicate(path, name, 8, 8) for name in table.twice]
    placed, problems = sorted_out(chain(faults, found), path)
    placed.sort(key=lambda entry: (entry.parts[0].start, entry.parts[0].end))
    entries = [entry for entry in placed if entry.parts[0].end <= file.size]
    if len(entries) < len(placed):
        problems += _cut(placed, file.size, path)
    if not problems:
        problems += _gaps(entries, start, file.size, path)
    return tuple(entries), problems


def _metadata(found: object, path: str) -> Mapping[str, str]:
    if isinstance(found, dict) and all(
        isinstance(value, str) and is_utf8(name) and is_utf8(value) for name, value in found.items()
    ):
        return found
    raise errors.damaged_file(path, 8, "metadata values must be strings")


def _entry(
    name: str,
    shaped: Fields | None,
    metadata: Mapping[str, str],
    file: FileBytes,
    start: int,
    path: str,
) -> Entry | Diagnostic:
    if not is_name(name):
        return errors.malformed(path, name, "has a name that is not UTF-8, or too long")
    if shaped is None:
        return errors.malformed(
            path, name, "has no proper dtype, shape and data_offsets in the header"
        )
    type, shape, begin, end = shaped
    dtype = _NAMES.get(type)
    if dtype is None:
        return errors.unknown_dtype(path, name, type)
    for packed, stored in _PACKED.items():
        if dtype == stored and metadata.get(name) == packed.name:
            dtype = packed
    header = HeaderEntry(name, dtype, shape, end - begin)
    expected = prod(shape) * dtype.itemsize
    if expected != header.nbytes:
        return errors.wrong_size(path, name, expected, header.nbytes, header.type)
    if not expected and not is_countable(shape):
        return errors.uncountable(path, name, header.type)
    return Entry(header, shape, file, (ByteRange(start + begin, start + end),))


def _cut(placed: Sequence[Entry], size: int, path: str) -> Iterator[Diagnostic]:
    """What to say of tensors, in their order, of which some lie beyond the end of the file."""
    index = next(index for index, entry in enumerate(placed) if entry.parts[0].end > size)
    start, lacking = placed[index].parts[0].start, max(e.parts[0].end for e in placed) - size
    cut = errors.truncated(path, size, placed[index].name, index, start, lacking)
    yield from cut.diagnostics


def _gaps(entries: Sequence[Entry], start: int, end: int, path: str) -> Iterator[Diagnostic]:
    """Tensors lie one after the other and fill the file."""
    position = start
    for entry in entries:
        (part,) = entry.parts
        if part.start != position:
            kind = "overlaps the one before" if part.start < position else "leaves a gap before it"
            yield errors.malformed(path, entry.name, kind, part.start)
            return
        position = part.end
    if position != end:
        reason = f"{end - position:,} bytes follow the last tensor"
        yield from errors.damaged_file(path, position, reason).diagnostics


def _crc(metadata: Mapping[str, str], entries: Sequence[Entry]) -> Crc | None:
    stated = metadata.get(_CRC, "")
    if not (stated.isascii() and stated.isdigit()):
        return None
    return Crc(int(stated[:20]), lambda: _sum({entry.name: entry.pieces for entry in entries}))


def _sum(values: Mapping[str, Callable[[], Iterator[memoryview]]]) -> int:
    """MindSpore's: the name and the bytes of each tensor, by rising name."""
    number = 0
    for name in sorted(values):
        number = crc.crc32(name.encode(), number)
        for data in values[name]():
            number = crc.crc32(data, number)
    return number


# ---- writing


def _holds(entry: HeaderEntry) -> bool:
    # the header keeps metadata of its own under these names
    taken = (_METADATA,) if entry.dtype not in _PACKED else (_METADATA, "format", _CRC)
    return entry.dtype in _BY_DTYPE and entry.name not in taken


def _write(file: BinaryIO, path: str, pieces: Pieces, access: Access, progress: Progress) -> None:
    order = _order(pieces.headers)
    header, size = _header(pieces, order, access)
    start = 8 + size
    file.write(size.to_bytes(8, "little") + header(0))
    write_pieces(
        file,
        pieces.pick(order),
        len(order),
        moved=_runs,
        made=lambda piece: [computed(piece)],
        progress=progress,
    )
    if access.crc:
        file.flush()
        written = FileBytes(path, file.fileno())
        number = _sum(_values([pieces.headers[place] for place in order], written, start))
        file.seek(8)
        file.write(header(number))
        file.seek(0, 2)


def _runs(piece: Copied) -> list[Run]:
    return [(piece.entry.source, part) for part in piece.entry.parts]


def _order(entries: Sequence[HeaderEntry]) -> array[int]:
    """The places of entries in the order in which they are written."""
    names = names_of(entries)
    by_rank: dict[int, array[int]] = {}
    for place, entry in enumerate(entries):
        by_rank.setdefault(_RANK[_BY_DTYPE[entry.dtype]], array("I")).append(place)
    found = array("I")
    for rank in sorted(by_rank, reverse=True):
        found.extend(sorted(by_rank[rank], key=names.__getitem__))
    return found


def _header(
    pieces: Pieces, order: Sequence[int], access: Access
) -> tuple[Callable[[int], bytes], int]:
    """The JSON for a CRC that is known only later, and its size in bytes."""
    given = _inherited(pieces, order) if access.metadata is None else access.metadata
    metadata = dict(given) or {"format": "ms"}
    summed = access.crc
    if summed:
        metadata[_CRC] = "9" * _CRC_DIGITS
    rows: list[str] = []
    types: dict[tuple[str, tuple[int, ...]], str] = {}
    position = 0
    for place in order:
        name, dtype, shape, nbytes = pieces.headers[place]
        if dtype in _PACKED:
            metadata[name] = dtype.name
        type = types.get((dtype.name, shape))
        if type is None:
            sizes = ",".join(map(str, shape))
            type = f'{{"dtype":"{_BY_DTYPE[dtype]}","shape":[{sizes}],"data_offsets":['
            types[dtype.name, shape] = type
        rows.append(f"{_encoded(name)}:{type}{position},{position + nbytes}]}}")
        position += nbytes
    tensors = "".join(f",{row}" for row in rows).encode()
    del rows

    def encoded() -> bytes:
        return f'{{"{_METADATA}":{_encoded(metadata)}'.encode() + tensors + b"}"

    size = -(-len(encoded()) // 8) * 8

    def header(number: int) -> bytes:
        if summed:
            metadata[_CRC] = str(number)
        return encoded().ljust(size)

    return header, size


_encoded = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def _inherited(pieces: Pieces, order: Sequence[int]) -> dict[str, str]:
    """The metadata of the files that pieces are copied from, but for what is stated again."""
    sources = _sources(pieces, order)
    found: dict[str, str] = {}
    for source in sources:
        for name, text in source.metadata.items():
            found.setdefault(name, text)
    if not found:
        return {}
    said_anew = {_CRC, *(name for name in names_of(pieces.headers) if name in found)}
    for source in sources:
        said_anew |= {entry.name for entry in source.header if entry.dtype in _PACKED}
    return {name: text for name, text in found.items() if name not in said_anew}


def _sources(pieces: Pieces, order: Sequence[int]) -> Collection[Checkpoint]:
    """The files that pieces are copied from, by the first piece of each that is written."""
    found = {id(copy.source): copy.source for copy in pieces.copies}
    if len(found) > 1:
        by_name = {copy.name: copy.source for copy in pieces.copies}
        names = map(names_of(pieces.headers).__getitem__, order)
        found = {id(by_name[name]): by_name[name] for name in names if name in by_name}
    return found.values()


def _values(
    entries: Sequence[HeaderEntry], written: FileBytes, start: int
) -> dict[str, Callable[[], Iterator[memoryview]]]:
    """The bytes of values that were written one after the other, from ``start`` on."""
    values: dict[str, Callable[[], Iterator[memoryview]]] = {}
    for entry in entries:
        where = ByteRange(start, start + entry.nbytes)
        values[entry.name] = Entry(entry, entry.shape, written, (where,)).pieces
        start = where.end
    return values


SAFETENSORS = Format(
    name="safetensors",
    title="a safetensors file",
    suffix=".safetensors",
    recognises=_recognises,
    open=_open,
    holds=_holds,
    write=_write,
    sums=True,
)
