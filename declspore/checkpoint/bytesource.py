"""Bytes to read from: a file as it is, or what other bytes decode to.

Everything above reads through :class:`ByteSource`, so that an encrypted file or a compressed
member is one more kind of bytes and nothing else.
"""

from __future__ import annotations

import mmap
import os
import stat
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from declspore.checkpoint import errors

PIECE = 1 << 20
"""Bytes moved at once: large enough for the kernel, small enough for the processor's cache."""


@dataclass(frozen=True, slots=True)
class ByteRange:
    """The bytes ``start`` to ``end`` (exclusive) of a source."""

    start: int
    end: int

    def __len__(self) -> int:
        return self.end - self.start


class ByteSource(Protocol):
    """Bytes that stay as they are while they are read; if ``concurrent``, by several threads."""

    @property
    def concurrent(self) -> bool: ...

    @property
    def size(self) -> int: ...

    def read(self, start: int, length: int) -> bytes:
        """Up to ``length`` bytes; fewer only at the end."""

    def view(self, where: ByteRange) -> memoryview:
        """These bytes, read-only, without a copy where the source allows it."""

    def readinto(self, start: int, target: memoryview) -> None:
        """Fill ``target``. Raises DiagnosticError where that fails."""


def pieces(
    source: ByteSource, ranges: Sequence[ByteRange], length: int = PIECE
) -> Iterator[memoryview]:
    """Ranges, one behind the other, in pieces of ``length`` bytes (the last may be shorter).

    All are in one buffer: use one, then go on.
    """
    buffer = memoryview(bytearray(min(length, sum(map(len, ranges)))))
    filled = 0
    for where in ranges:
        position = where.start
        while position < where.end:
            target = buffer[filled : filled + where.end - position]
            source.readinto(position, target)
            position += len(target)
            filled += len(target)
            if filled == len(buffer):
                yield buffer
                filled = 0
    if filled:
        yield buffer[:filled]


class FileBytes:
    """An open file. It stays readable after it is replaced or removed.

    ``path`` names it in messages; it is opened, unless ``fd`` is a file that is open already.
    """

    concurrent = True

    def __init__(self, path: str, fd: int | None = None) -> None:
        self.path = path
        self.fd = _open(path) if fd is None else os.dup(fd)
        self.size = os.fstat(self.fd).st_size
        self._map: mmap.mmap | None = None

    def __del__(self) -> None:
        self.close()

    def close(self) -> None:
        fd, self.fd = getattr(self, "fd", -1), -1
        if fd >= 0:
            os.close(fd)

    def read(self, start: int, length: int) -> bytes:
        try:
            return os.pread(self.fd, length, start)
        except OSError as error:
            raise errors.unreadable(self.path, error.strerror or str(error)) from None

    def view(self, where: ByteRange) -> memoryview:
        if where.start == where.end:
            return memoryview(b"")
        if os.fstat(self.fd).st_size < where.end:
            raise errors.shortened(self.path)  # touching the map there would kill the process
        if self._map is None:
            self._map = mmap.mmap(self.fd, self.size, prot=mmap.PROT_READ)
        return memoryview(self._map)[where.start : where.end]

    def readinto(self, start: int, target: memoryview) -> None:
        while target:
            try:
                found = os.preadv(self.fd, [target], start)
            except OSError as error:
                raise errors.unreadable(self.path, error.strerror or str(error)) from None
            if not found:
                raise errors.shortened(self.path)
            start += found
            target = target[found:]


def _open(path: str) -> int:
    try:
        # without O_NONBLOCK, opening a named pipe would wait for a writer
        fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    except FileNotFoundError:
        raise errors.missing(path) from None
    except (OSError, ValueError) as error:
        raise errors.unreadable(path, getattr(error, "strerror", None) or str(error)) from None
    mode = os.fstat(fd).st_mode
    if not stat.S_ISREG(mode):
        os.close(fd)
        kind = "a folder" if stat.S_ISDIR(mode) else "no regular file"
        raise errors.unreadable(path, f"it is {kind}")
    return fd
