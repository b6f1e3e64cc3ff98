"""Files of samples as streams, plain or gzip-compressed, that may be damaged or made to do harm.

Reading takes no more memory than the bytes that are there, and no more of an archive than its size
can be worth; whatever is wrong with a file is one exception.
"""

from __future__ import annotations

import gzip
import mmap
import os
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO, cast

from declspore.regular import stream_of

_PACKED = ".gz"
_AT_ONCE = 1 << 20
_FREE = 64 << 20
MOST_RATIO = 200
"""Gzip can make a byte out of a thousand equal ones; samples do not come near that."""


class Damaged(Exception):
    """A file is not what its first bytes or its name say; the message says why."""


@contextmanager
def opened(path: str) -> Iterator[Samples]:
    """A file of samples; unpacked where its name ends in ``.gz``.

    Raises OSError where it cannot be opened or is not a regular file.
    """
    with stream_of(path) as raw:
        if path.endswith(_PACKED):
            with gzip.GzipFile(fileobj=raw, mode="rb") as unpacked:
                yield Samples(cast(BinaryIO, unpacked), raw)
        else:
            yield Samples(raw, None)


class Samples:
    """A stream whose reads are whole or raise :class:`Damaged`."""

    def __init__(self, stream: BinaryIO, packed: BinaryIO | None) -> None:
        self._stream, self._packed = stream, packed
        self._taken = 0

    def take(self, count: int) -> bytes:
        """The next ``count`` bytes. Raises Damaged where there are fewer."""
        parts: list[bytes] = []
        left = count
        while left:
            part = self._some(min(left, _AT_ONCE))
            if not part:
                raise Damaged(f"it ends {left:,} bytes early")
            parts.append(part)
            left -= len(part)
        return b"".join(parts)

    def mapped(self, count: int) -> memoryview | None:
        """The next ``count`` bytes as a map of the file; None where it is packed. Raises Damaged
        where there are fewer."""
        if self._packed is not None:
            return None
        begin = self._stream.tell()
        missing = begin + count - os.fstat(self._stream.fileno()).st_size
        if missing > 0:
            raise Damaged(f"it ends {missing:,} bytes early")
        whole = mmap.mmap(self._stream.fileno(), begin + count, access=mmap.ACCESS_READ)
        self._stream.seek(begin + count)
        return memoryview(whole)[begin:]

    def end(self) -> None:
        """Raises Damaged where more bytes follow, or where a checksum is wrong."""
        if self._some(1):
            raise Damaged("it continues after its last value")

    def _some(self, count: int) -> bytes:
        try:
            part = self._stream.read(count)
        except (OSError, EOFError, zlib.error, ValueError) as error:
            raise Damaged(getattr(error, "strerror", None) or str(error)) from None
        self._taken += len(part)
        if self._packed is not None and self._taken > _FREE:
            packed = os.fstat(self._packed.fileno()).st_size
            if self._taken > packed * MOST_RATIO:
                raise Damaged(f"{packed:,} bytes unpack to more than {self._taken:,}")
        return part
