"""Writing checkpoints: the bytes MindSpore 2.10 writes, streamed, and all or nothing.

A new file is written beside its target under another name, flushed to disk and then renamed over
it, so the target is at any instant either the old file or the new one, whole.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO

from declspore.checkpoint import errors
from declspore.checkpoint.reader import Checkpoint, Entry
from declspore.checkpoint.scan import ByteRange
from declspore.checkpoint.wire import encode_bytes, encode_key, encode_varint
from declspore.ir.dtype import BY_NUMPY

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Array = NDArray[np.generic]

SLICE_BYTES = 512 * 1024 * 1024
"""MindSpore cuts values into records of at most this size."""
_COPY_BUFFER = 1 << 20


@dataclass(frozen=True)
class Copied:
    """An entry of another checkpoint under its own or a new name; its bytes are moved, not read."""

    source: Checkpoint
    entry: Entry
    name: str


@dataclass(frozen=True)
class Computed:
    """A value made when its turn to be written comes, so that one at a time is in memory."""

    name: str
    compute: Callable[[], Array | str]


Piece = Copied | Computed


def write_checkpoint(
    path: str | os.PathLike[str],
    pieces: Iterable[Piece],
    verify: Callable[[Checkpoint], None] | None = None,
) -> int:
    """Write a checkpoint and return its size. Raises DiagnosticError where that fails.

    Nothing is changed unless all of it was written and ``verify``, which is shown the new file
    before it takes its place, raises nothing.
    """
    with _replacing(os.fspath(path)) as file:
        for piece in pieces:
            match piece:
                case Copied():
                    _copy(file, piece)
                case Computed():
                    _write_value(file, os.fspath(path), piece.name, piece.compute())
        size = file.tell()
        if verify is not None:
            file.flush()
            verify(Checkpoint(file.name))
        return size


@contextmanager
def _replacing(path: str) -> Iterator[BinaryIO]:
    """A file that takes the place of ``path`` when the block ends well, else leaves no trace."""
    target = os.path.realpath(path)
    folder = os.path.dirname(target)
    temporary = ""
    try:
        os.makedirs(folder, exist_ok=True)
        fd, temporary = tempfile.mkstemp(prefix=f".{os.path.basename(target)}.", dir=folder)
        os.close(fd)
        with open(temporary, "wb", buffering=1 << 16) as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        os.chmod(temporary, _mode(target))
        os.replace(temporary, target)
        _sync_folder(folder)
    except OSError as error:
        _remove(temporary)
        raise errors.unwritable(path, error.strerror or str(error)) from error
    except BaseException:
        _remove(temporary)
        raise


def _remove(temporary: str) -> None:
    if temporary:
        with suppress(OSError):
            os.unlink(temporary)


def _mode(target: str) -> int:
    """The permissions the file had, or what the user's umask gives."""
    with suppress(OSError):
        return os.stat(target).st_mode & 0o777
    mask = os.umask(0)
    os.umask(mask)
    return 0o666 & ~mask


def _sync_folder(folder: str) -> None:
    fd = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)


def _write_value(file: BinaryIO, path: str, name: str, value: Array | str) -> None:
    """The records of one value, as MindSpore's ``save_checkpoint`` writes them."""
    if isinstance(value, str):
        _write_record(file, name, (0,), "str", memoryview(value.encode("utf-32-le")))
        return
    import numpy as np

    dtype = BY_NUMPY.get(value.dtype.name)
    if dtype is None:
        raise errors.unsupported_value(path, name, f"an array of {value.dtype}")
    array = np.ascontiguousarray(value)
    if array.dtype.byteorder == ">":
        array = array.astype(array.dtype.newbyteorder("<"))
    content = array.reshape(-1).view(np.uint8).data if array.size else memoryview(b"")
    for start in range(0, len(content), SLICE_BYTES):
        part = content[start : start + SLICE_BYTES]
        _write_record(file, name, value.shape, dtype.name, part)


def _write_record(
    file: BinaryIO, name: str, dims: tuple[int, ...], type: str, content: memoryview
) -> None:
    shape = b"".join(encode_key(1, 0) + encode_varint(dim) for dim in dims)
    head = shape + encode_bytes(2, type.encode())
    head += encode_key(3, 2) + encode_varint(len(content))
    tensor = encode_key(2, 2) + encode_varint(len(head) + len(content)) + head
    tag = encode_bytes(1, name.encode())
    file.write(encode_key(1, 2) + encode_varint(len(tag) + len(tensor) + len(content)))
    file.write(tag + tensor)
    file.write(content)


def _copy(file: BinaryIO, piece: Copied) -> None:
    """Records as they are, or with another tag before the same body."""
    for record in piece.entry.records:
        if piece.name == piece.entry.name:
            _copy_range(file, piece.source.fd, record.whole)
            continue
        tag = encode_bytes(1, piece.name.encode())
        length = len(tag) + sum(len(part) for part in record.body)
        file.write(encode_key(1, 2) + encode_varint(length) + tag)
        for part in record.body:
            _copy_range(file, piece.source.fd, part)


def _copy_range(file: BinaryIO, fd: int, span: ByteRange) -> None:
    position = span.start
    while position < span.end:
        data = os.pread(fd, min(_COPY_BUFFER, span.end - position), position)
        if not data:
            raise OSError(0, "the input became shorter while it was read")
        file.write(data)
        position += len(data)
