"""TFRecord files of tf.train.Example (mindspore.dataset.TFRecordDataset, 2.10).

A record is its length as u64, a checksum of that, its bytes and their checksum, all little-endian;
a checksum is CRC-32C, turned and shifted (tensorflow/core/lib/io/record_writer.cc).
"""

from __future__ import annotations

import gzip
import os
import struct
import tempfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from typing import IO

from declspore.dataclass import dataclass
from declspore.datafile import MOST_RATIO
from declspore.ir.dtype import STRING
from declspore.ir.tensors import Array
from declspore.ir.term import Arguments
from declspore.numerics.columns import (
    DATA,
    LABELS,
    RowsOfFiles,
    check_names,
    classes_of,
    element_of,
)
from declspore.numerics.example import features
from declspore.numerics.files import PATHS, paths_of, remembered
from declspore.numerics.schema import schema_of
from declspore.registry.data import Column, Element, SourceKind, Unavailable
from declspore.registry.kind import Misfit
from declspore.registry.signature import Argument, signature
from declspore.registry.types import Either, ListOf, Optional, Text
from declspore.regular import stream_of

_GZIP, _ZLIB = b"\x1f\x8b", b"x"
_AT_ONCE = 1 << 20
_FREE = 1 << 30
"""Bytes on disk that a file may unpack to, whatever its size."""
_LONGEST = 1 << 29
"""Bytes that a record may have."""


def _checksum(data: bytes) -> int:
    try:
        import google_crc32c
    except ImportError:
        raise Unavailable(
            "reading TFRecord needs google-crc32c, which is not installed",
            "pip install 'declspore[tfrecord]'",
        ) from None
    crc = int(google_crc32c.value(data))
    return ((crc >> 15 | crc << 17) + 0xA282EAD8) & 0xFFFFFFFF


@dataclass(frozen=True)
class RecordFile:
    """The bytes of a file, unpacked, and where the bytes of its records begin and end."""

    path: str
    data: Array
    places: Array

    def __len__(self) -> int:
        return len(self.places)

    def row(self, number: int) -> Mapping[str, object]:
        """The features of a record. Raises ValueError."""
        begin, end = self.places[number].tolist()
        data = self.data[begin : end + 4].tobytes()
        if _checksum(data[:-4]) != struct.unpack("<I", data[-4:])[0]:
            raise ValueError("its checksum is another one")
        return features(data[:-4])


def _files_of(paths: tuple[str, ...]) -> tuple[RecordFile, ...]:
    return tuple(map(_indexed, paths))


records_of = remembered(_files_of)
"""The records of TFRecord files at paths. Raises Unavailable."""


def _indexed(path: str) -> RecordFile:
    import numpy as np

    data = _mapped(path)
    size, at = len(data), 0
    places: list[tuple[int, int]] = []
    while at < size:
        head = data[at : at + 12].tobytes()
        if len(head) < 12:
            raise Unavailable(f"{path} ends within record {len(places) + 1}")
        length, checksum = struct.unpack("<QI", head)
        if _checksum(head[:8]) != checksum:
            what = f"the length of record {len(places) + 1} is damaged"
            raise Unavailable(f"{path}: {what}" if places else f"{path} is not a TFRecord file")
        if length > _LONGEST:
            raise Unavailable(
                f"{path}: record {len(places) + 1} has {length:,} bytes; it may have {_LONGEST:,}"
            )
        if at + 16 + length > size:
            raise Unavailable(f"{path} ends within record {len(places) + 1}")
        places.append((at + 12, at + 12 + length))
        at += 16 + length
    return RecordFile(path, data, np.asarray(places, np.int64).reshape(-1, 2))


class _TooLarge(Exception):
    """A file unpacks to more than its bytes justify."""


def _unzipped(file: IO[bytes]) -> Iterator[bytes]:
    with gzip.open(file) as packed:
        while part := packed.read(_AT_ONCE):
            yield part


def _inflated(file: IO[bytes]) -> Iterator[bytes]:
    inner = zlib.decompressobj()
    while not inner.eof:
        data = inner.unconsumed_tail or file.read(_AT_ONCE)
        if not data:
            raise EOFError
        yield inner.decompress(data, _AT_ONCE)


_Unpack = Callable[[IO[bytes]], Iterator[bytes]]


def _packed_by(head: bytes) -> _Unpack | None:
    """What unpacks a file that begins so; None of a plain one, whose first record may be as long
    as the mark of a compressed one says."""
    if len(head) == 12 and _checksum(head[:8]) == struct.unpack("<I", head[8:])[0]:
        return None
    if head.startswith(_GZIP):
        return _unzipped
    return _inflated if head[:1] == _ZLIB and not int.from_bytes(head[:2]) % 31 else None


def _mapped(path: str) -> Array:
    """The bytes of a file as a memory map; of one that is compressed with gzip or zlib those of a
    file without a name."""
    import numpy as np

    try:
        with stream_of(path) as file, tempfile.TemporaryFile() as unpacked:
            unpack = _packed_by(file.read(12))
            if unpack is not None:
                file.seek(0)
                left = max(_FREE, MOST_RATIO * os.fstat(file.fileno()).st_size)
                for part in unpack(file):
                    left -= len(part)
                    if left < 0:
                        raise _TooLarge
                    unpacked.write(part)
                unpacked.flush()
            source = file if unpack is None else unpacked
            empty = not os.fstat(source.fileno()).st_size
            return np.zeros(0, np.uint8) if empty else np.memmap(source, np.uint8, "r")
    except _TooLarge:
        reason = f"it unpacks to more than {MOST_RATIO} times its size"
        raise Unavailable(f"{path} is refused: {reason}", "gunzip makes a plain file") from None
    except (EOFError, zlib.error):
        raise Unavailable(f"{path} is damaged: its compressed bytes end early") from None
    except OSError as error:
        raise Unavailable(f"{path} cannot be read: {error.strerror or error}") from None


def _value(found: object, column: Column) -> object:
    """A feature as the column has it: a list of one text is that text."""
    if found is None:
        return None
    if (column.type.dtype is STRING or column.classes) and not column.type.shape:
        return found[0] if isinstance(found, list) and len(found) == 1 else found
    return found if not isinstance(found, list) else (found or None)


# ---- columns


def _element(a: Arguments) -> Element:
    """The columns that are stated, or those of the schema. Raises Misfit."""
    named = [each for each in (*(a.data or ()), *a.labels) if isinstance(each, str)]
    if a.schema is None:
        if a.data is None:
            raise Misfit(
                "it does not state the columns of data", '[Column("x", [4])], or schema = "s.json"'
            )
        if named:
            raise Misfit(f"{named[0]!r} is the name of a column without a type", _column(named[0]))
        return element_of(a)
    if len(named) < len((*(a.data or ()), *a.labels)):
        raise Misfit(
            "with a schema, data and labels are names of its columns", 'labels = ["label"]'
        )
    columns = schema_of(a.schema).columns
    every = Element(columns)
    every.check_known(named)
    data = [c.name for c in columns if c.name not in a.labels] if a.data is None else a.data
    return every.projected(data, a.labels)


def _column(name: str) -> str:
    return f'Column("{name}", [4], f32)'


def _open(a: Arguments) -> RowsOfFiles:
    files, columns = records_of(paths_of(a.dataset_files)), _element(a).columns
    records = RowsOfFiles(files, columns, "record", _value)
    first = 0
    for file in files:
        if len(file.places):
            check_names(file.path, columns, tuple(records.row(first)))
            import numpy as np

            records.rows(np.asarray([first]))
        first += len(file.places)
    if not first:
        raise Unavailable(f"{files[0].path} does not have a record")
    return records


def _size(a: Arguments) -> int:
    """How many records there are, or count by the schema."""
    count = len(_open(a))
    rows = None if a.schema is None else schema_of(a.schema).rows
    return count if rows is None else min(count, rows)


def _files(a: Arguments) -> tuple[str, ...]:
    schema = () if a.schema is None else (a.schema,)
    return (*paths_of(a.dataset_files), *schema)


def _chosen(columns: Argument, default: object, help: str) -> Argument:
    """Columns, or names of those of a schema."""
    names = Either((columns.type, ListOf(Text())))
    return Argument(columns.name, Optional(names) if default is None else names, default, help)


KINDS = (
    SourceKind(
        name="TFRecord",
        signature=signature(
            Argument("dataset_files", PATHS, help="a path or several, with * for any part"),
            _chosen(DATA, None, "columns that enter a network; none: all others of the schema"),
            _chosen(LABELS, (), "columns that losses and metrics see"),
            Argument(
                "schema",
                Optional(Text()),
                None,
                "the path of MindSpore's JSON of column types; data and labels are names then",
            ),
        ),
        summary="The examples of TFRecord files, plain or compressed with gzip or zlib. Numbers "
        "become the column's type; every record is held against its checksum.",
        example='TFRecord("train-*.tfrecord", [Column("image", dtype = str)], '
        '[Column("label", dtype = i32)])',
        element=_element,
        classes=lambda a: () if a.schema else classes_of(a),
        size=_size,
        open=_open,
        files=_files,
    ),
)
