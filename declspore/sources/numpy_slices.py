"""Arrays of a NumPy file as a dataset (mindspore.dataset.NumpySlicesDataset)."""

from __future__ import annotations

import math
import os
import struct
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import replace
from typing import IO, Any, Literal

from declspore.dataclass import dataclass
from declspore.ir.dtype import BY_NUMPY
from declspore.ir.shape import TensorType
from declspore.ir.tensors import Array
from declspore.ir.term import Arguments
from declspore.npy import read_head
from declspore.numerics.columns import DATA, LABELS, columns_of, element_of
from declspore.numerics.files import copied
from declspore.registry.data import Arrays, SourceKind, Unavailable
from declspore.registry.signature import Argument, signature
from declspore.registry.types import Text
from declspore.regular import stream_of
from declspore.spelling import closest


@dataclass(frozen=True)
class _Stored:
    """An array of a file: where its bytes begin, or None where they are compressed."""

    name: str
    shape: tuple[int, ...]
    dtype: Any
    column_major: bool
    offset: int | None = None


def _stored(path: str) -> dict[str, _Stored]:
    """What the headers of an .npz file, or of the .npy files of a folder, state of each array."""
    try:
        if os.path.isdir(path):
            return {each.name: each for each in _in_folder(path)}
        return {each.name: each for each in _in_archive(path)}
    except OSError as error:
        raise Unavailable(
            f"{error.filename or path} cannot be read: {error.strerror}",
            "numpy.savez writes such a file; a folder holds one .npy file a column",
        ) from None
    except _DAMAGE as error:
        raise Unavailable(f"{path} is not a whole .npz file: {error}", _other(path)) from None


_OTHERS = {
    ".npy": "one array is a folder's: NumpySlices(FOLDER, ...) has one .npy file a column",
    ".csv": "Csv(...) reads tables",
    ".parquet": "Parquet(...) reads such files",
}


def _other(path: str) -> str | None:
    """What reads a file of another kind."""
    return _OTHERS.get(os.path.splitext(path)[1].lower())


_DAMAGE = (
    *(ValueError, TypeError, LookupError, EOFError, struct.error),
    *(zipfile.BadZipFile, zlib.error, RuntimeError),  # encrypted, or of an unknown method
)


def _in_folder(path: str) -> Iterator[_Stored]:
    for entry in sorted(os.listdir(path)):
        if entry.endswith(".npy"):
            place = os.path.join(path, entry)
            with stream_of(place) as file:
                try:
                    yield replace(_header(file, entry), offset=file.tell())
                except _DAMAGE as error:
                    raise Unavailable(f"{place} is not a whole .npy file: {error}") from None


def _in_archive(path: str) -> Iterator[_Stored]:
    with stream_of(path) as file, zipfile.ZipFile(file) as archive:
        for info in archive.infolist():
            with archive.open(info) as member:
                stored = _header(member, info.filename)
                header_size = member.tell()
            if info.compress_type == zipfile.ZIP_STORED:
                file.seek(info.header_offset)
                name, extra = struct.unpack("<26xHH", file.read(30))
                begin = info.header_offset + 30 + name + extra
                stored = replace(stored, offset=begin + header_size)
            yield stored


def _header(file: IO[bytes], name: str) -> _Stored:
    from numpy.lib import format as npy

    head = read_head(file)
    dtype = npy.descr_to_dtype(head.descr)
    return _Stored(name.removesuffix(".npy"), head.shape, dtype, head.fortran)


def _check_whole(path: str, stored: _Stored) -> None:
    """Raises Unavailable where a file of a folder is shorter than its header states. An archive has
    checksums."""
    if stored.offset is None or not os.path.isdir(path):
        return
    place = os.path.join(path, f"{stored.name}.npy")
    have = os.path.getsize(place) - stored.offset
    want = math.prod(stored.shape) * stored.dtype.itemsize
    if have < want:
        raise Unavailable(
            f"{place} ends early: it states {want:,} bytes of values and has {max(have, 0):,}"
        )


def _size(a: Arguments) -> int:
    headers, counts = _stored(a.path), {}
    for column in columns_of(a):
        if column.name not in headers:
            raise _no_array(a.path, column.name, list(headers))
        shape, dtype = headers[column.name].shape, headers[column.name].dtype
        known = BY_NUMPY.get(dtype.name)
        if known is None or not shape:
            help = "numpy.unique(values, return_inverse = True)[1] numbers texts"
            raise Unavailable(
                f"{column.name} of {a.path} is not a column: {dtype}{list(shape)}",
                help if dtype.kind in "SUO" else None,
            )
        _check_whole(a.path, headers[column.name])
        if TensorType(known, shape[1:]) != column.type:
            raise Unavailable(
                f"{column.name} of {a.path} holds {TensorType(known, shape[1:])}, "
                f"the column is {column.type}",
                f'Column("{column.name}", {list(shape[1:])}, dtype = {known.short})',
            )
        counts[column.name] = shape[0]
    if len(set(counts.values())) > 1:
        listed = ", ".join(f"{name} {count}" for name, count in counts.items())
        raise Unavailable(f"the columns of {a.path} are not equally long: {listed}")
    return next(iter(counts.values()))


def _no_array(path: str, name: str, known: list[str]) -> Unavailable:
    near = closest(name, known)
    help = f'did you mean Column("{near[0]}")?' if near else None
    if not known and os.path.isdir(path):
        help = f"a folder holds one .npy file a column: {os.path.join(path, name)}.npy"
    elif "arr_0" in known:
        help = f'numpy.savez("{path}", {name} = ...) names an array'
    return Unavailable(
        f"{path} has no array {name!r}; there are {', '.join(known) or 'none'}", help
    )


def _files(a: Arguments) -> tuple[str, ...]:
    if os.path.isdir(a.path):
        return tuple(os.path.join(a.path, f"{column.name}.npy") for column in columns_of(a))
    return (a.path,)


def _open(a: Arguments) -> Arrays:
    _size(a)
    stored = _stored(a.path)
    return Arrays(tuple(_mapped(a.path, stored[column.name]) for column in columns_of(a)), a.path)


def _whole_size(stored: _Stored) -> int:
    """Bytes that a member with this head may have."""
    return (1 << 20) + math.prod(stored.shape) * stored.dtype.itemsize


def _mapped(path: str, stored: _Stored) -> Array:
    """The array as a memory map. A compressed one is unpacked into a file without a name, which
    lives as long as its map, so that memory holds only the rows that are read."""
    import numpy as np

    order: Literal["F", "C"] = "F" if stored.column_major else "C"
    try:
        if not math.prod(stored.shape):
            return np.empty(stored.shape, stored.dtype)
        if stored.offset is None:
            with tempfile.TemporaryFile() as file:
                with (
                    stream_of(path) as packed,
                    zipfile.ZipFile(packed) as archive,
                    archive.open(f"{stored.name}.npy") as member,
                ):
                    copied(member, file, _whole_size(stored))
                file.seek(0)
                _header(file, stored.name)
                return np.memmap(file, stored.dtype, "r", file.tell(), stored.shape, order)
        place = path
        if os.path.isdir(path):
            place = os.path.join(path, f"{stored.name}.npy")
        return np.memmap(place, stored.dtype, "r", stored.offset, stored.shape, order)
    except (OSError, *_DAMAGE) as error:
        raise Unavailable(f"{stored.name} of {path} cannot be read: {error}") from None


KINDS = (
    SourceKind(
        name="NumpySlices",
        signature=signature(
            Argument(
                "path",
                Text(),
                help="a .npz file, as numpy.savez writes it, or a folder of .npy files",
            ),
            DATA,
            LABELS,
        ),
        summary=(
            "Items of arrays along their first axis, which stay in their file. Several columns of "
            "data enter the network's inputs of their names."
        ),
        example='NumpySlices("pairs.npz", [Column("left", [8]), Column("right", [8])])',
        element=element_of,
        size=_size,
        open=_open,
        files=_files,
    ),
)
