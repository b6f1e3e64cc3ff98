"""NumPy's ``.npz``: a zip of ``.npy`` files, read and written with ``zipfile`` and NumPy.

Stored members are read in place, compressed ones inflated when asked for. Texts are arrays of
unicode. Nothing is ever unpickled.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from math import prod
from typing import TYPE_CHECKING, BinaryIO

from declspore.checkpoint import errors
from declspore.checkpoint.bytesource import ByteRange, ByteSource
from declspore.checkpoint.filebytes import FileBytes
from declspore.checkpoint.format import Format, Pieces, Progress
from declspore.checkpoint.reader import (
    MOST_ENTRIES,
    Access,
    Checkpoint,
    Entry,
    sorted_out,
)
from declspore.checkpoint.values import contents
from declspore.diagnostic import Diagnostic
from declspore.ir.dtype import BFLOAT16, BY_NUMPY, DType
from declspore.ir.header import TEXT, HeaderEntry
from declspore.npy import read_head
from declspore.report import DiagnosticError

if TYPE_CHECKING:
    from zipfile import ZipFile, ZipInfo

    import numpy as np

_SUFFIX = ".npy"
_STORED, _DEFLATED = 0, 8
_LOCAL_HEADER = 30
_LONGEST_NAME = 0xFFFF - len(_SUFFIX)
_DEFLATE_LIMIT = 1100
"""No deflated byte stands for more bytes than this."""


def _recognises(head: bytes, size: int) -> bool:
    # the first member of a zip is named at once; Keras's and PyTorch's are named otherwise
    length = int.from_bytes(head[26:28], "little")
    return head.startswith(b"PK\x03\x04") and head[30 : 30 + length].endswith(b".npy")


def _open(file: FileBytes, path: str, access: Access, lenient: bool) -> Checkpoint:
    import zipfile

    try:
        archive = zipfile.ZipFile(_Reader(file))
        members = archive.infolist()
    except _faults() as error:
        raise errors.damaged_file(path, None, f"it is not a whole zip archive: {error}") from None
    if len(members) > MOST_ENTRIES:
        raise errors.too_many(path, MOST_ENTRIES, "members")
    if sum(member.compress_size for member in members) > file.size:
        raise errors.damaged_file(path, None, "its members overlap")
    entries, problems = sorted_out(_index(members, archive, file, path), path)
    if problems and not lenient:
        raise DiagnosticError(problems)
    return Checkpoint(path, "npz", file, tuple(entries), problems=problems)


def _index(
    members: Iterable[ZipInfo], archive: ZipFile, file: FileBytes, path: str
) -> Iterator[Entry | Diagnostic]:
    inflating = _Archive(archive, path)
    starts: dict[str, int] = {}
    for member in members:
        start = starts.setdefault(member.filename, member.header_offset)
        if start != member.header_offset:
            name = member.filename.removesuffix(_SUFFIX)
            yield errors.duplicate(path, name, member.header_offset, start)
        else:
            yield _entry(member, archive, inflating, file, path)


def _entry(
    member: ZipInfo,
    archive: ZipFile,
    inflating: _Archive,
    file: FileBytes,
    path: str,
) -> Entry | Diagnostic:
    import numpy as np

    name = member.filename.removesuffix(_SUFFIX)
    if name == member.filename:
        return errors.malformed(path, name, "is not a .npy file")
    if member.compress_type not in (_STORED, _DEFLATED):
        return errors.malformed(path, name, "is compressed in a way that NumPy does not write")
    if member.file_size > _DEFLATE_LIMIT * (member.compress_size + 1):
        return errors.malformed(path, name, "claims to be larger than it can be")
    try:
        with archive.open(member) as stream:
            head = read_head(stream)
            descr = np.lib.format.descr_to_dtype(head.descr)
    except _faults() as error:
        return errors.malformed(path, name, f"cannot be read: {error}")
    size = member.file_size - head.length
    typed = _typed(name, descr, head.shape)
    if typed is None:
        return errors.unknown_dtype(path, name, str(descr))
    if typed.nbytes != size:
        return errors.wrong_size(path, name, typed.nbytes, size, typed.type)
    source: ByteSource
    if member.compress_type == _STORED and not head.fortran and descr.isnative:
        start = _data_offset(member, file) + head.length
        if start + size > file.size:
            return errors.malformed(path, name, "reaches beyond the file")
        return Entry(typed, typed.shape, file, (ByteRange(start, start + size),))
    source = _Inflated(inflating, member, size, name)
    return Entry(typed, typed.shape, source, (ByteRange(0, size),))


def _faults() -> tuple[type[Exception], ...]:
    """What ``zipfile`` and NumPy raise for damaged members, and for those that are encrypted."""
    import struct
    import zipfile
    import zlib

    return (
        *(zipfile.BadZipFile, zlib.error, struct.error, ValueError, OSError, EOFError),
        *(RuntimeError, SyntaxError, TypeError, LookupError, MemoryError, OverflowError),
    )


def _typed(name: str, descr: np.dtype[np.generic], shape: tuple[int, ...]) -> HeaderEntry | None:
    if descr.kind == "U" and not shape:
        return HeaderEntry(name, TEXT, (), descr.itemsize)
    dtype: DType | None = BY_NUMPY.get(descr.name)
    if dtype is None:
        return None
    return HeaderEntry(name, dtype, shape, prod(shape) * dtype.itemsize)


def _data_offset(member: ZipInfo, file: FileBytes) -> int:
    head = file.read(member.header_offset, _LOCAL_HEADER)
    name, extra = int.from_bytes(head[26:28], "little"), int.from_bytes(head[28:30], "little")
    return member.header_offset + _LOCAL_HEADER + name + extra


class _Reader:
    """A file as the streams that ``zipfile`` reads."""

    def __init__(self, file: FileBytes) -> None:
        self._file = file
        self._position = 0

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._position

    def seek(self, offset: int, whence: int = 0) -> int:
        base = {0: 0, 1: self._position, 2: self._file.size}[whence]
        if base + offset < 0:
            raise ValueError("a position before the file")
        self._position = base + offset
        return self._position

    def read(self, length: int = -1) -> bytes:
        if length is None or length < 0:
            length = max(0, self._file.size - self._position)
        data = self._file.read(self._position, length)
        self._position += len(data)
        return data


class _Archive:
    """Inflates members; remembers the last, which is read in pieces."""

    def __init__(self, archive: ZipFile, path: str) -> None:
        self._archive, self._path = archive, path
        self._last: tuple[ZipInfo, memoryview] | None = None

    def values(self, member: ZipInfo, name: str) -> memoryview:
        if self._last is None or self._last[0] is not member:
            self._last = member, self._inflated(member, name)
        return self._last[1]

    def _inflated(self, member: ZipInfo, name: str) -> memoryview:
        import numpy as np

        try:
            with self._archive.open(member) as stream:
                array = np.lib.format.read_array(stream, allow_pickle=False)
        except _faults() as error:
            fault = errors.malformed(self._path, name, f"cannot be read: {error}")
            raise DiagnosticError([fault]) from None
        native = np.ascontiguousarray(array, array.dtype.newbyteorder("="))
        data = native.reshape(-1).view(np.uint8).data if native.nbytes else memoryview(b"")
        return data.toreadonly()


class _Inflated:
    """The values of a compressed (or foreign-ordered) member, made when asked for."""

    concurrent = False

    def __init__(self, archive: _Archive, member: ZipInfo, size: int, name: str) -> None:
        self._archive, self._member, self._name = archive, member, name
        self.size = size

    def read(self, start: int, length: int) -> bytes:
        return bytes(self._values()[start : start + length])

    def view(self, parts: Sequence[ByteRange]) -> memoryview:
        (where,) = parts
        return self._values()[where.start : where.end]

    def readinto(self, start: int, target: memoryview) -> None:
        target[:] = self._values()[start : start + len(target)]

    def _values(self) -> memoryview:
        return self._archive.values(self._member, self._name)


# ---- writing


def _holds(entry: HeaderEntry) -> bool:
    # NumPy's files know neither bfloat16, nor floats of eight bits, nor packed numbers; a name in a
    # zip archive ends at a zero
    known = entry.dtype in BY_NUMPY.values() or entry.dtype == TEXT
    named = "\0" not in entry.name and len(entry.name.encode()) <= _LONGEST_NAME
    ours = entry.dtype == BFLOAT16 or entry.dtype.kind in ("packed", "float8")
    return known and not ours and named


def _write(file: BinaryIO, path: str, pieces: Pieces, access: Access, progress: Progress) -> None:
    import zipfile

    import numpy as np

    with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED, allowZip64=True) as archive:
        for index, piece in enumerate(pieces):
            entry = piece.header
            descr = f"<U{entry.nbytes // 4}" if entry.dtype == TEXT else _descr(entry)
            member = zipfile.ZipInfo(entry.name + _SUFFIX)  # of 1980, so that bytes repeat
            with archive.open(member, "w", force_zip64=True) as stream:
                header = {"descr": descr, "fortran_order": False, "shape": entry.shape}
                np.lib.format.write_array_header_1_0(stream, header)
                for data in contents(piece):
                    stream.write(data)
            progress(index + 1, len(pieces), entry.name)


def _descr(entry: HeaderEntry) -> str:
    import numpy as np

    return np.lib.format.dtype_to_descr(entry.dtype.as_numpy())  # type: ignore[return-value]


NPZ = Format(
    name="npz",
    title="a NumPy archive (.npz)",
    suffix=".npz",
    recognises=_recognises,
    open=_open,
    holds=_holds,
    write=_write,
)
