"""A folder that takes the place of another as a whole."""

from __future__ import annotations

import ctypes
import fcntl
import os
import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from glob import escape, glob

from declspore.checkpoint import errors as file_errors
from declspore.checkpoint.sharding import errors

_LOCK = ".lock"
_EXCHANGE = 2
"""RENAME_EXCHANGE of Linux's renameat2."""
_HERE = -100
"""AT_FDCWD"""


@contextmanager
def staged(path: str, replaceable: Callable[[str], bool]) -> Iterator[str]:
    """A new folder next to ``path``, which takes its place when the block ends well.

    ``replaceable`` is asked of every file that the old folder has, by its path from there: with any
    other file the old folder stays. What is left of a process that was killed is removed first.
    Raises DiagnosticError.
    """
    target = os.path.realpath(path)
    parent, name = os.path.split(target)
    try:
        _check(path, target, replaceable)
        os.makedirs(parent, exist_ok=True)
        _remove_stale(parent, name)
        folder = os.path.join(parent, f".{name[:100]}.{os.urandom(6).hex()}.new")
        os.mkdir(folder)
        try:
            with _locked(folder):
                yield folder
            os.unlink(os.path.join(folder, _LOCK))
            _flush(folder)
            _check(path, target, replaceable)
            _put(folder, target)
            _flush(parent)
        finally:
            shutil.rmtree(folder, ignore_errors=True)
    except OSError as error:
        raise file_errors.unwritable(path, error.strerror or str(error)) from error


def strangers(path: str, replaceable: Callable[[str], bool]) -> list[str]:
    """The files below a folder that are not replaceable."""
    found = []
    for folder, _, names in os.walk(path):
        for name in names:
            relative = os.path.relpath(os.path.join(folder, name), path)
            if not replaceable(relative.replace(os.sep, "/")):
                found.append(relative)
    return sorted(found)


def _check(path: str, target: str, replaceable: Callable[[str], bool]) -> None:
    if not os.path.lexists(target):
        return
    if not os.path.isdir(target):
        raise OSError(0, "it is a file, and a set needs a folder")
    others = strangers(target, replaceable)
    if others:
        raise errors.not_a_set(path, others)


@contextmanager
def _locked(folder: str) -> Iterator[None]:
    """Hold a lock, by which this folder differs from one whose process has ended."""
    fd = os.open(os.path.join(folder, _LOCK), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    finally:
        os.close(fd)


def _remove_stale(parent: str, name: str) -> None:
    for folder in glob(os.path.join(escape(parent), f".{escape(name[:100])}.*.new")):
        with suppress(OSError), _locked(folder):
            shutil.rmtree(folder, ignore_errors=True)


def _put(folder: str, target: str) -> None:
    """Put the new folder in place; the old one, if there is one, is removed."""
    if not os.path.lexists(target):
        os.rename(folder, target)
        return
    if _exchanged(folder, target):
        return  # the old one has the new one's name by now, and is removed under it
    old = f"{folder}.old"
    os.rename(target, old)
    os.rename(folder, target)
    shutil.rmtree(old, ignore_errors=True)


def _exchanged(folder: str, target: str) -> bool:
    """Whether the system could exchange two folders at once."""
    if not sys.platform.startswith("linux"):
        return False
    call = getattr(ctypes.CDLL(None, use_errno=True), "renameat2", None)
    if call is None:
        return False
    paths = os.fsencode(folder), os.fsencode(target)
    return bool(call(_HERE, paths[0], _HERE, paths[1], _EXCHANGE) == 0)


def _flush(folder: str) -> None:
    """Make what a folder lists last."""
    with suppress(OSError):  # not every file system can
        fd = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            os.fsync(fd)
        finally:
            os.close(fd)
