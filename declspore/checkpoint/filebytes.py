"""An open file as a source of bytes."""

from __future__ import annotations

import mmap
import os
import stat
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import NamedTuple

from declspore.checkpoint import errors
from declspore.checkpoint.bytesource import LARGE_PAGE, ByteRange
from declspore.checkpoint.parking import PARKING, absolute
from declspore.checkpoint.reads import in_memory
from declspore.regular import open_regular


class Stamp(NamedTuple):
    """What distinguishes a file, as it is, from another one and from later versions of it."""

    device: int
    inode: int
    size: int
    modified: int


class FileBytes:
    """An open file. It stays readable after it is replaced or removed, while not too many others
    are open (:mod:`declspore.checkpoint.parking`).

    ``path`` names it in messages; it is opened, unless ``fd`` is a file that is open already, which
    then stays open: it may have no name.
    """

    concurrent = True

    def __init__(self, path: str, fd: int | None = None) -> None:
        self.path = path
        self._fd = _open(path) if fd is None else os.dup(fd)
        self._place = absolute(path) if fd is None else None
        self._users = 0
        self._is_closed = False
        self._stamp = _stamp_of(self._fd)
        self.size = self._stamp.size
        self.permissions = stat.S_IMODE(os.fstat(self._fd).st_mode)
        self._map: mmap.mmap | None = None
        if self._place is not None:
            with PARKING.lock:
                PARKING.used(self)

    def __del__(self) -> None:
        # no lock: what is collected may be so while this thread holds it
        fd, self._fd = getattr(self, "_fd", -1), -1
        if fd >= 0:
            os.close(fd)

    @property
    def stamp(self) -> Stamp:
        """What the file is now."""
        with self.borrowed() as fd:
            return _stamp_of(fd)

    def close(self) -> None:
        with PARKING.lock:
            PARKING.gone(self)
            fd, self._fd, self._is_closed = self._fd, -1, True
            if fd >= 0:
                os.close(fd)

    def rest(self) -> None:
        """Hold no descriptor until it is next read; it must then be the file that it was."""
        with PARKING.lock:
            if self._place is not None and self.park():
                PARKING.gone(self)

    @property
    def is_unchanged(self) -> bool:
        """Whether what lies at its path is the file as it was opened."""
        try:
            found = os.stat(self.path if self._place is None else self._place)
        except OSError:
            return False
        return _stamp(found) == self._stamp

    def again(self) -> FileBytes:
        """The same file, which stays open when this one is closed."""
        with self.borrowed() as fd:
            other = FileBytes(self.path, fd)
        if self._place is not None:
            other._place, other._stamp = self._place, self._stamp
            with PARKING.lock:
                PARKING.used(other)
        return other

    @contextmanager
    def borrowed(self) -> Iterator[int]:
        """Its descriptor, which stays open meanwhile. Raises DiagnosticError where it had been
        closed and is another file by now."""
        with PARKING.lock:
            if self._fd < 0 and self._place is not None and not self._is_closed:
                self._fd = self._opened_again(self._place)
            self._users += 1
            if self._place is not None and not self._is_closed:
                PARKING.used(self)
        try:
            yield self._fd
        finally:
            with PARKING.lock:
                self._users -= 1

    def park(self) -> bool:
        if self._users:
            return False
        fd, self._fd = self._fd, -1
        if fd >= 0:
            os.close(fd)
        return True

    def _opened_again(self, place: str) -> int:
        fd = _open(place)
        if _stamp_of(fd) != self._stamp:
            os.close(fd)
            raise errors.unreadable(self.path, "it was replaced or written to meanwhile")
        return fd

    def read(self, start: int, length: int) -> bytes:
        try:
            with self.borrowed() as fd:
                return os.pread(fd, length, start)
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
            with self.borrowed() as fd:
                self._reached(self.size, os.fstat(fd).st_size)
                self._map = mmap.mmap(fd, self.size, prot=mmap.PROT_READ)
        self._reached(where.end, self._map.size())
        return memoryview(self._map)[where.start : where.end]

    def _joined(self, parts: Sequence[ByteRange]) -> memoryview:
        """Slices of a value: see :mod:`declspore.checkpoint.mapped`."""
        from declspore.checkpoint.mapped import joined

        if len(parts[0]) < LARGE_PAGE:
            return in_memory(self, parts)
        with self.borrowed() as fd:
            self._reached(parts[0].end, os.fstat(fd).st_size)
            return joined(self, fd, parts)

    def _reached(self, end: int, size: int) -> None:
        if size < end:
            raise errors.shortened(self.path)  # touching the map there would kill the process

    def readinto(self, start: int, target: memoryview) -> None:
        while target:
            try:
                with self.borrowed() as fd:
                    found = os.preadv(fd, [target], start)
            except OSError as error:
                raise errors.unreadable(self.path, error.strerror or str(error)) from None
            if not found:
                raise errors.shortened(self.path)
            start += found
            target = target[found:]


def _stamp_of(fd: int) -> Stamp:
    return _stamp(os.fstat(fd))


def _stamp(found: os.stat_result) -> Stamp:
    return Stamp(found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns)


def _open(path: str) -> int:
    try:
        return open_regular(path)
    except FileNotFoundError:
        raise errors.missing(path) from None
    except OSError as error:
        raise errors.unreadable(path, error.strerror or str(error)) from None
