"""MindRecord, read without MindSpore (mindspore.dataset.MindDataset, 2.10).

A file is a header of JSON and pages. Rows lie in two kinds of pages: the scalars of a row as
MessagePack, and its bytes and arrays ("blobs"). Both are gone through once for where each row
begins. Format: mindspore/ccsrc/minddata/mindrecord/io/shard_writer.cc, meta/shard_column.cc.
"""

from __future__ import annotations

import math
import os
import struct
from typing import Any

from declspore.dataclass import dataclass
from declspore.ir.dtype import FLOAT32, FLOAT64, INT32, INT64, STRING, DType
from declspore.ir.tensors import Array, Numbers
from declspore.ir.term import Arguments
from declspore.numerics.columns import (
    DATA,
    LABELS,
    RowsOfFiles,
    check_names,
    classes_of,
    columns_of,
    element_of,
)
from declspore.numerics.files import PATHS, paths_of, remembered
from declspore.numerics.msgpack import unpacked
from declspore.registry.data import Column, SourceKind, Unavailable
from declspore.registry.signature import Argument, signature
from declspore.regular import stream_of
from declspore.untrusted_json import MALFORMED, parsed

_TYPES = {
    "int32": INT32,
    "int64": INT64,
    "float32": FLOAT32,
    "float64": FLOAT64,
    "string": STRING,
    "bytes": STRING,
}
_MOST = 1 << 26
"""A header is padded to 16 MiB unless the writer chose another size."""


@dataclass(frozen=True)
class Field:
    """A column of a file: ``shape`` is None of a scalar, and may hold -1."""

    dtype: DType
    name: str
    shape: tuple[int, ...] | None


@dataclass(frozen=True)
class Shard:
    """A file: its fields, those in blobs in their order, and where rows begin and end: of each the
    scalars and the blob."""

    path: str
    fields: dict[str, Field]
    blobs: tuple[str, ...]
    rows: Array

    def __len__(self) -> int:
        return len(self.rows)

    def row(self, number: int) -> dict[str, object]:
        """The values of a row. Raises ValueError, OSError."""
        raw, raw_end, blob, blob_end = self.rows[number].tolist()
        with stream_of(self.path) as file:
            file.seek(raw)
            values = unpacked(_whole(file.read(raw_end - raw), raw_end - raw))
            if not isinstance(values, dict):
                raise ValueError("its scalars are not a map")
            if self.blobs:
                file.seek(blob)
                data = _whole(file.read(blob_end - blob), blob_end - blob)
                values |= self._blobs(data)
        return values

    def _blobs(self, data: bytes) -> dict[str, bytes | Array]:
        if len(self.blobs) == 1:
            return {self.blobs[0]: self._array(self.blobs[0], data)}
        found, at = {}, 0
        for name in self.blobs:
            (length,) = struct.unpack_from(">Q", data, at)
            at += 8
            found[name] = self._array(name, _whole(data[at : at + length], length))
            at += length
        return found

    def _array(self, name: str, data: bytes) -> bytes | Array:
        import numpy as np

        field = self.fields[name]
        if field.dtype is STRING:
            return data
        values = (
            _integers(data) if field.dtype.is_integer else np.frombuffer(data, field.dtype.numpy)
        )
        return values.astype(field.dtype.numpy).reshape(field.shape or (-1,))


def _whole(data: bytes, size: int) -> bytes:
    if len(data) != size:
        raise ValueError(f"it ends {size - len(data)} bytes early")
    return data


def _integers(data: bytes) -> Numbers:
    """Each in as many bytes as it needs: how many is in two bits of a map before them, the first
    in the highest."""
    import numpy as np

    (count,) = struct.unpack_from(">I", data)
    begin = 4 + -(-count // 4)
    if begin > len(data):
        raise ValueError("the map of an array is longer than its bytes")
    bits = np.unpackbits(np.frombuffer(data[4:begin], np.uint8)).reshape(-1, 2)[:count]
    widths = 1 << (bits[:, 0] * 2 + bits[:, 1]).astype(np.int64)
    starts = begin + np.concatenate([[0], np.cumsum(widths)])
    if starts[-1] != len(data):
        raise ValueError(f"an array needs {starts[-1]} bytes and has {len(data)}")
    found = np.empty(count, np.int64)
    values = np.frombuffer(data, np.uint8)
    for width in (1, 2, 4, 8):
        those = np.flatnonzero(widths == width)
        rows = values[starts[those][:, None] + np.arange(width)]
        found[those] = np.ascontiguousarray(rows).view(f"<i{width}")[:, 0]
    return found


def _shards(paths: tuple[str, ...]) -> tuple[Shard, ...]:
    return tuple(map(_shard, paths))


shards_of = remembered(_shards)
"""The shards of MindRecord files at paths. Raises Unavailable."""


def _header(path: str) -> dict[str, Any]:
    try:
        with stream_of(path) as file:
            (length,) = struct.unpack("<Q", _whole(file.read(8), 8))
            if length > _MOST:
                raise ValueError("its first bytes are not the length of a header")
            found = parsed(_whole(file.read(length), length))
    except OSError as error:
        raise Unavailable(f"{path} cannot be read: {error.strerror}") from None
    except ValueError as error:
        raise Unavailable(
            f"{path} is not a MindRecord file, or encrypted: {error}",
            "mindspore.mindrecord.set_enc_key reads an encrypted one; FileWriter writes it plain",
        ) from None
    return found if isinstance(found, dict) else {}


def _shard(path: str) -> Shard:
    header = _header(path)
    try:
        schema = header["schema"][0]
        fields = {name: _field(name, f) for name, f in schema["schema"].items()}
        pages = header["page"]
        places = int(header["header_size"]), int(header["page_size"])
        parts = [
            _places(path, [p for p in pages if p["page_type"] == kind], *places)
            for kind in ("RAW_DATA", "BLOB_DATA")
        ]
        blobs = tuple(map(str, schema["blob_fields"]))
    except MALFORMED as error:
        raise Unavailable(f"the header of {path} is damaged: {error}") from None
    except OSError as error:
        raise Unavailable(f"{path} cannot be read: {error.strerror}") from None
    import numpy as np

    if len(parts[0]) != len(parts[1]):
        raise Unavailable(
            f"{path} has {len(parts[0])} rows of scalars and {len(parts[1])} of bytes"
        )
    return Shard(path, fields, blobs, np.concatenate(parts, axis=1))


def _field(name: str, found: dict[str, Any]) -> Field:
    if found["type"] not in _TYPES:
        raise ValueError(f"{name} is of the type {found['type']}")
    shape = found.get("shape")
    return Field(_TYPES[found["type"]], name, None if shape is None else tuple(map(int, shape)))


def _places(path: str, pages: list[dict[str, Any]], begin: int, size: int) -> Array:
    """Where the rows of pages begin and end [n, 2]."""
    import numpy as np

    found: list[tuple[int, int]] = []
    seen: set[int] = set()
    with stream_of(path) as file:
        whole = os.fstat(file.fileno()).st_size
        for page in sorted(pages, key=lambda page: int(page["page_type_id"])):
            used = int(page["page_size"])
            if not 0 <= used <= size:
                raise ValueError(f"a page has {used} bytes of {size}")
            start = begin + int(page["page_id"]) * size
            if start in seen:
                raise ValueError(f"page {page['page_id']} comes twice")
            if begin < 0 or start < 0 or start + used > whole:
                raise ValueError(f"the file ends before page {page['page_id']} does")
            seen.add(start)
            file.seek(start)
            data, at = _whole(file.read(used), used), 0
            while at < used:
                (length,) = struct.unpack_from("<Q", data, at) if at + 8 <= used else (used,)
                at += 8
                if length > used - at:
                    raise ValueError(f"row {len(found) + 1} goes beyond its page")
                found.append((start + at, start + at + length))
                at += length
    return np.asarray(found, np.int64).reshape(-1, 2)


def files_of_set(given: str | tuple[str, ...]) -> tuple[str, ...]:
    """The files given; of a single one that is part of several also the others, next to it. Raises
    Unavailable."""
    paths = paths_of(given)
    if len(paths) > 1:
        return paths
    listed = _header(paths[0]).get("shard_addresses")
    names = list(map(str, listed)) if isinstance(listed, list) else []
    if len(names) < 2:
        return paths
    found = tuple(os.path.join(os.path.dirname(paths[0]), os.path.basename(n)) for n in names)
    missing = [path for path in found if not os.path.isfile(path)]
    if missing:
        raise Unavailable(
            f"{paths[0]} is one of {len(names)} files; missing: {', '.join(missing)}",
            "a list of files reads those alone",
        )
    return found


def _open(a: Arguments) -> RowsOfFiles:
    shards, columns = shards_of(files_of_set(a.dataset_files)), columns_of(a)
    for shard in shards:
        check_names(shard.path, columns, tuple(shard.fields))
        for column in columns:
            _check(shard.path, column, shard.fields[column.name])
    return RowsOfFiles(shards, columns, "row")


def _check(path: str, column: Column, field: Field) -> None:
    fixed = field.shape is not None and -1 not in field.shape
    shape = field.shape if fixed else (() if field.shape is None else None)
    have, want = field.dtype, column.type
    sizes = None if shape is None else math.prod(shape)
    if have is not want.dtype or (sizes is not None and shape != want.shape):
        shown = f"{have.short}{list(field.shape or ())}"
        raise Unavailable(
            f"{column.name} of {path} is {shown}, the column is {want}",
            f'Column("{column.name}", {list(field.shape or ())}, dtype = {have.short})',
        )


KINDS = (
    SourceKind(
        name="MindRecord",
        signature=signature(
            Argument(
                "dataset_files", PATHS, help="a file, which finds the others of its set, or a list"
            ),
            DATA,
            LABELS,
        ),
        summary="The rows of MindRecord files, which may be renamed, and need no .db file.",
        example='MindRecord("train.mindrecord0", [Column("image", dtype = str)], '
        '[Column("label", dtype = i32)])',
        element=element_of,
        classes=classes_of,
        size=lambda a: len(_open(a)),
        open=_open,
        files=lambda a: files_of_set(a.dataset_files),
    ),
)
