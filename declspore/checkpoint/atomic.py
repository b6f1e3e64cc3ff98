"""Replacing a file all at once.

The new file is written without a name where the system can do that, else under another one in the
target's folder; flushed to disk; then put in the target's place by one rename, and the folder
flushed. So the target is at any instant the old file or the new one, whole, and a process that
dies leaves nothing behind.
"""

from __future__ import annotations

import errno
import fcntl
import os
import re
import stat
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from declspore.checkpoint import errors
from declspore.checkpoint.blockfile import BlockFile
from declspore.checkpoint.disk import reserve

_LONGEST_PREFIX = 100
"""Bytes of the target's name in the temporary one: a long name leaves room for the rest."""


@contextmanager
def replacing(
    path: str, *, size: int = 0, durable: bool = True, permissions: int = 0o777
) -> Iterator[BlockFile]:
    """A file to write, read and seek, that takes the place of ``path`` when the block ends well.

    ``size`` is how large it will be at least: room for that is asked for at once.

    A link is followed. The new file has the permissions of the old one (and its owner, where the
    user may give files away), even where they forbid writing: that a file is read-only keeps it
    from being changed, not from being replaced by a task that names it as an output. A file that
    was not there is no more open to others than ``permissions``, those of what it is made of.
    Without ``durable`` nothing is flushed to disk. Raises DiagnosticError where writing fails.
    """
    target = os.path.realpath(path)
    folder, name = os.path.split(target)
    prefix = os.fsencode(name)[:_LONGEST_PREFIX].decode(errors="ignore")
    temporary = f".{prefix}.{os.urandom(6).hex()}"
    try:
        old = _replaceable(target)
        os.makedirs(folder, exist_ok=True)
        with _Folder(folder) as place, place.create(temporary) as file:
            reserve(file.fileno(), size)
            file.durable = durable
            yield file
            file.flush()
            _inherit(file.fileno(), old, permissions)
            if durable:
                os.fsync(file.fileno())
            place.put(file.fileno(), name)
            if durable:
                place.flush(path)
    except OSError as error:
        raise errors.unwritable(path, error.strerror or str(error)) from error


class _Folder:
    """The folder of the target, held open, with the new file in it."""

    def __init__(self, path: str) -> None:
        self.fd = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        self._name = ""
        self._is_there = False
        _clean(path, self.fd)

    def __enter__(self) -> _Folder:
        return self

    def __exit__(self, *_: object) -> None:
        if self._is_there:
            with suppress(OSError):
                os.unlink(self._name, dir_fd=self.fd)
        os.close(self.fd)

    def create(self, name: str) -> BlockFile:
        """A new file: without a name where the system can do that, else under this one."""
        self._name = name
        nameless = getattr(os, "O_TMPFILE", 0)
        if nameless and os.path.isdir("/proc/self/fd"):
            # not every file system can; what else is wrong, the second way will say
            with suppress(OSError):
                fd = os.open(".", nameless | os.O_RDWR | os.O_CLOEXEC, 0o600, dir_fd=self.fd)
                return BlockFile(fd)
        flags = os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
        fd = os.open(name, flags, 0o600, dir_fd=self.fd)
        self._is_there = True
        with suppress(OSError):  # it says that the file is in use; not every file system can
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return BlockFile(fd)

    def put(self, fd: int, target: str) -> None:
        """Rename the new file to ``target``."""
        if not self._is_there:
            # with the folder given, Python follows the link to the file that has no name
            opened = f"/proc/self/fd/{fd}"
            os.link(opened, self._name, src_dir_fd=self.fd, dst_dir_fd=self.fd)
            self._is_there = True
        os.replace(self._name, target, src_dir_fd=self.fd, dst_dir_fd=self.fd)
        self._is_there = False

    def flush(self, path: str) -> None:
        """Make the rename last."""
        try:
            os.fsync(self.fd)
        except OSError as error:
            # some file systems have no such thing as a folder to be flushed
            if error.errno not in (errno.EINVAL, errno.ENOTSUP):
                note = "the new file is in place, but may not outlast a power failure"
                raise errors.unwritable(path, os.strerror(error.errno or 0), note) from error


# ---- what processes that were killed left behind


_LEFT = re.compile(r"\..+\.[0-9a-f]{12}")
_OLD = 3600.0
"""Seconds. A file that is being written to is younger."""
_cleaned: set[str] = set()


def _clean(path: str, folder: int) -> None:
    """Remove the unfinished files of processes that were killed, once for a folder.

    They have a name of ours, belong to this user, were not written to for an hour, and no process
    has a lock on them.
    """
    if path in _cleaned:
        return
    _cleaned.add(path)
    with suppress(OSError), os.scandir(folder) as entries:
        for entry in entries:
            if _LEFT.fullmatch(entry.name) is not None:
                with suppress(OSError):
                    _remove_if_left(entry.name, folder)


def _remove_if_left(name: str, folder: int) -> None:
    flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
    fd = os.open(name, flags, dir_fd=folder)
    try:
        found = os.fstat(fd)
        is_ours = stat.S_ISREG(found.st_mode) and found.st_uid == os.geteuid()
        if is_ours and found.st_nlink == 1 and time.time() - found.st_mtime > _OLD:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
            os.unlink(name, dir_fd=folder)
    finally:
        os.close(fd)


def _replaceable(target: str) -> os.stat_result | None:
    """The file to be replaced, if there is one."""
    try:
        old = os.stat(target)
    except FileNotFoundError:
        return None
    if not stat.S_ISREG(old.st_mode):
        kind = "a folder" if stat.S_ISDIR(old.st_mode) else "no regular file"
        raise OSError(0, f"it is {kind}")
    return old


_masking = threading.Lock()


def _mask() -> int:
    """The permissions that the process gives to no new file. Asking the system for it sets it, so
    that another thread could create a file, or ask, in between: Linux also says it in a file."""
    with suppress(OSError), open("/proc/self/status", encoding="utf-8") as status:
        for line in status:
            if line.startswith("Umask:"):
                return int(line.split()[1], 8)
    with _masking:
        mask = os.umask(0)
        os.umask(mask)
    return mask


def _inherit(fd: int, old: os.stat_result | None, permissions: int) -> None:
    """Permissions and owner of the old file, or what the user's umask gives a new one, within
    those that others may have."""
    if old is None:
        os.fchmod(fd, 0o666 & ~_mask() & (permissions | stat.S_IRWXU))
        return
    with suppress(OSError):
        os.fchown(fd, old.st_uid, old.st_gid)
    os.fchmod(fd, stat.S_IMODE(old.st_mode))
