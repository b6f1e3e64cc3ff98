"""Opening files that another program may have put there: without waiting, and without surprise.

A path may lead to a named pipe (opening it waits for a writer), to a device that never ends, or to
more bytes than its use can need. Whatever reads a file goes through here.
"""

from __future__ import annotations

import io
import os
import select
import stat
import time
from typing import BinaryIO

_PATIENCE = 10.0
"""Seconds that a pipe may be silent."""
_AT_ONCE = 1 << 16


class TooLarge(OSError):
    """A file holds more bytes than its use can need; ``strerror`` says so."""

    def __init__(self, most: int) -> None:
        self.reason = f"it has more than {most:,} bytes"
        super().__init__(0, self.reason)


def open_regular(path: str) -> int:
    """The descriptor of a regular file, opened for reading.

    Raises OSError, whose ``strerror`` says what else it is, and FileNotFoundError.
    """
    try:
        # without O_NONBLOCK, opening a named pipe would wait for a writer
        fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    except ValueError as error:  # NUL, or half of a surrogate pair
        raise OSError(0, f"it is not a path: {error}") from None
    mode = os.fstat(fd).st_mode
    if not stat.S_ISREG(mode):
        os.close(fd)
        raise OSError(0, f"it is {kind_of(mode)}")
    return fd


def stream_of(path: str) -> BinaryIO:
    """A regular file as a stream. Raises OSError as :func:`open_regular`."""
    return io.BufferedReader(io.FileIO(open_regular(path), "r"))


def text_of(path: str, encoding: str = "utf-8", newline: str | None = None) -> io.TextIOWrapper:
    """A regular file as text. Raises OSError as :func:`open_regular`."""
    return io.TextIOWrapper(stream_of(path), encoding=encoding, newline=newline)


def read_regular(path: str, most: int) -> bytes:
    """The bytes of a regular file that has at most so many.

    Raises OSError as :func:`open_regular`, TooLarge where there are more.
    """
    fd = open_regular(path)
    try:
        size = os.fstat(fd).st_size
        if size > most:
            raise TooLarge(most)
        parts: list[bytes] = []
        while part := os.read(fd, size + 1):  # one more, so that a file that grows is noticed
            parts.append(part)
            if sum(map(len, parts)) > most:
                raise TooLarge(most)
        return parts[0] if len(parts) == 1 else b"".join(parts)
    finally:
        os.close(fd)


def read_small(path: str, most: int) -> bytes:
    """The bytes of a file that has at most so many, or of a pipe with a writer.

    Raises OSError, TooLarge where there are more.
    """
    try:
        fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    except ValueError as error:
        raise OSError(0, f"it is not a path: {error}") from None
    try:
        found = os.fstat(fd)
        if not stat.S_ISREG(found.st_mode) and not stat.S_ISFIFO(found.st_mode):
            raise OSError(0, f"it is {kind_of(found.st_mode)}")
        if stat.S_ISREG(found.st_mode) and found.st_size > most:
            raise TooLarge(most)
        return _to_its_end(fd, most)
    finally:
        os.close(fd)


def kind_of(mode: int) -> str:
    """What a file is that is not a regular one."""
    names = (
        (stat.S_ISDIR, "a folder"),
        (stat.S_ISFIFO, "a named pipe"),
        (stat.S_ISSOCK, "a socket"),
        (stat.S_ISCHR, "a device"),
        (stat.S_ISBLK, "a device"),
    )
    return next((name for is_one, name in names if is_one(mode)), "not a regular file")


def _to_its_end(fd: int, most: int) -> bytes:
    """What there is; files of the system (``/proc``) state no size, and pipes have none."""
    parts: list[bytes] = []
    left = most
    until = time.monotonic() + _PATIENCE
    while True:
        try:
            part = os.read(fd, min(_AT_ONCE, left + 1))
        except BlockingIOError:
            if not select.select([fd], [], [], max(until - time.monotonic(), 0))[0]:
                raise OSError(0, f"it was silent for {_PATIENCE:.0f} seconds") from None
            continue
        if not part:
            return b"".join(parts)
        left -= len(part)
        if left < 0:
            raise TooLarge(most)
        parts.append(part)
        until = time.monotonic() + _PATIENCE
