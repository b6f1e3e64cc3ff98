"""An open file as a source of bytes."""

from __future__ import annotations

import mmap
import os
from collections.abc import Sequence
from typing import NamedTuple

from declspore.checkpoint import errors
from declspore.checkpoint.bytesource import LARGE_PAGE, ByteRange
from declspore.checkpoint.reads import in_memory
from declspore.regular import open_regular


class Stamp(NamedTuple):
    """What distinguishes a file, as it is, from another one and from later versions of it."""

    device: int
    inode: int
    size: int
    modified: int


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

    @property
    def stamp(self) -> Stamp:
        found = os.fstat(self.fd)
        return Stamp(found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns)

    def close(self) -> None:
        fd, self.fd = getattr(self, "fd", -1), -1
        if fd >= 0:
            os.close(fd)

    def read(self, start: int, length: int) -> bytes:
        try:
            return os.pread(self.fd, length, start)
        except OSError as error:
            raise errors.unreadable(self.path, error.strerror or str(error)) from None

    def view(self, parts: Sequence[ByteRange]) -> memoryview:
        try:
            return self._joined(parts) if len(parts) > 1 else self._mapped(parts[0])
        except OSError as error:
            raise errors.unreadable(self.path, error.strerror or str(error)) from None

    def window(self, parts: Sequence[ByteRange]) -> memoryview:
        """As :meth:`view`; what is mapped for it is given back with the last view of it, and no
        descriptor is held."""
        try:
            return self._joined(parts)
        except OSError as error:
            raise errors.unreadable(self.path, error.strerror or str(error)) from None

    def _mapped(self, where: ByteRange) -> memoryview:
        if where.start == where.end:
            return memoryview(b"")
        if self._map is None:
            self._reached(self.size, os.fstat(self.fd).st_size)
            self._map = mmap.mmap(self.fd, self.size, prot=mmap.PROT_READ)
        self._reached(where.end, self._map.size())
        return memoryview(self._map)[where.start : where.end]

    def _joined(self, parts: Sequence[ByteRange]) -> memoryview:
        """Slices of a value: see :mod:`declspore.checkpoint.mapped`."""
        from declspore.checkpoint.mapped import joined

        if len(parts[0]) < LARGE_PAGE:
            return in_memory(self, parts)
        self._reached(parts[0].end, os.fstat(self.fd).st_size)
        return joined(self, self.fd, parts)

    def _reached(self, end: int, size: int) -> None:
        if size < end:
            raise errors.shortened(self.path)  # touching the map there would kill the process

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
        return open_regular(path)
    except FileNotFoundError:
        raise errors.missing(path) from None
    except OSError as error:
        raise errors.unreadable(path, error.strerror or str(error)) from None
