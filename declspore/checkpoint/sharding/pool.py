"""Files of a set, of which few are open at a time: a process has fewer descriptors than a large
set has files."""

from __future__ import annotations

import resource
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from threading import Lock

from declspore.checkpoint.bytesource import ByteRange
from declspore.checkpoint.filebytes import FileBytes, Stamp
from declspore.checkpoint.sharding import errors
from declspore.dataclass import dataclass

_LEAST, _MOST = 16, 1024
"""Files that are open at a time: half of what the process may open, within these bounds."""


@dataclass
class _Handle:
    """An open file and how many reads are using it."""

    file: FileBytes
    users: int = 0


class Pool:
    """The open files of a set."""

    def __init__(self) -> None:
        allowed, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
        self._most = min(max(allowed // 2, _LEAST), _MOST)
        self._open: OrderedDict[ShardBytes, _Handle] = OrderedDict()
        self._lock = Lock()

    @contextmanager
    def borrowed(self, shard: ShardBytes) -> Iterator[FileBytes]:
        """The open file of a shard, which stays open meanwhile."""
        with self._lock:
            handle = self._open.get(shard)
            if handle is None:
                handle = self._open[shard] = _Handle(shard.opened())
            handle.users += 1
            self._open.move_to_end(shard)
            self._close_idle(self._most)
        try:
            yield handle.file
        finally:
            with self._lock:
                handle.users -= 1
                self._close_idle(self._most)

    def close(self) -> None:
        with self._lock:
            self._close_idle(0)

    def _close_idle(self, most: int) -> None:
        if len(self._open) <= most:
            return
        for shard, handle in list(self._open.items()):
            if not handle.users:
                handle.file.close()
                del self._open[shard]
                if len(self._open) <= most:
                    return


class ShardBytes(FileBytes):
    """The bytes of a file of a set. It is opened when it is read, and must then be the file it
    was at first; otherwise reading raises DiagnosticError."""

    def __init__(self, path: str, pool: Pool) -> None:
        self.path = path
        self._fd = -1
        self._pool = pool
        self._first: Stamp | None = None
        with pool.borrowed(self) as file:
            self.size = file.size
            self.permissions = file.permissions

    def opened(self) -> FileBytes:
        """The file, opened for reading. Raises DiagnosticError where it is another one by now."""
        file = FileBytes(self.path)
        found = file.stamp
        if self._first is None:
            self._first = found
        elif found != self._first:
            file.close()
            raise errors.changed_shard(self.path)
        return file

    @property
    def stamp(self) -> Stamp:
        assert self._first is not None
        return self._first

    def close(self) -> None:
        """Nothing of its own is open."""

    def read(self, start: int, length: int) -> bytes:
        with self._pool.borrowed(self) as file:
            return file.read(start, length)

    def readinto(self, start: int, target: memoryview) -> None:
        with self._pool.borrowed(self) as file:
            file.readinto(start, target)

    def view(self, parts: Sequence[ByteRange]) -> memoryview:
        return self.window(parts)

    def window(self, parts: Sequence[ByteRange]) -> memoryview:
        with self._pool.borrowed(self) as file:
            return file.window(parts)
