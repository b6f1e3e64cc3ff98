"""Bytes to read from, whatever they lie in.

Everything above reads through :class:`ByteSource`, so that an encrypted file or a compressed
member is one more kind of bytes and nothing else.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Protocol

from declspore.checkpoint.threads import ahead
from declspore.dataclass import dataclass

LARGE_PAGE = 1 << 21
PIECE = 1 << 19
"""Bytes moved at once: small enough for the processor's cache, and for pages of files that a host
of virtual machines does not take back (docs/decisions/0009-blocks-of-large-pages.md)."""
_WORTH_READING_AHEAD = 32 << 20
_SMALL = 1 << 12
_WINDOW = 1 << 14
"""Bytes read at once where ranges are smaller than a page."""


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

    def view(self, parts: Sequence[ByteRange]) -> memoryview:
        """Ranges, one after the other, read-only, without a copy where the source allows it."""

    def readinto(self, start: int, target: memoryview) -> None:
        """Fill ``target``. Raises DiagnosticError where that fails."""


Run = tuple[ByteSource, ByteRange]
"""Bytes of a source."""


def pieces(
    source: ByteSource, ranges: Sequence[ByteRange], length: int = PIECE
) -> Iterator[memoryview]:
    """Ranges of one source, one after the other: see :func:`gathered`."""
    return gathered([(source, where) for where in ranges], length)


def gathered(parts: Sequence[bytes | Run], length: int = PIECE) -> Iterator[memoryview]:
    """New bytes and those of sources, one after the other, in pieces of ``length`` bytes (the
    last may be shorter).

    A piece is good until the next one is asked for. Of many bytes a thread reads the next ones
    meanwhile, where the sources allow it.
    """
    total = 0
    for part in parts:
        total += part[1].end - part[1].start if isinstance(part, tuple) else len(part)
    if total >= _WORTH_READING_AHEAD and all(
        part[0].concurrent for part in parts if isinstance(part, tuple)
    ):
        return ahead(lambda buffer: _filled(parts, buffer), length)
    only = memoryview(bytearray(min(length, total)))
    return _filled(parts, lambda: only)


class _Near:
    """Reads small ranges, which mostly lie near the ones before, from what was read with them."""

    def __init__(self) -> None:
        self._source: ByteSource | None = None
        self._start = 0
        self._data = b""

    def readinto(self, source: ByteSource, where: ByteRange, left: int, target: memoryview) -> None:
        """Fill ``target`` with what begins ``left`` bytes before the end of a range."""
        start = where.end - left
        at = start - self._start
        if source is not self._source or not 0 <= at <= len(self._data) - len(target):
            self._source, self._start, at = source, start, 0
            self._data = source.read(start, _WINDOW)
        if len(self._data) < at + len(target):
            source.readinto(start, target)  # which reports what is not there
            return
        target[:] = memoryview(self._data)[at : at + len(target)]


def _filled(
    parts: Iterable[bytes | Run], another: Callable[[], memoryview]
) -> Iterator[memoryview]:
    buffer = another()
    filled, length = 0, len(buffer)
    near = _Near()
    for part in parts:
        source, where = part if isinstance(part, tuple) else (None, None)
        left = len(part) if where is None else where.end - where.start
        while left:
            if filled == length:
                buffer = another()
                filled, length = 0, len(buffer)
            count = min(left, length - filled)
            target = buffer[filled : filled + count]
            if source is None or where is None:
                assert isinstance(part, bytes)
                target[:] = part if count == len(part) else part[len(part) - left :][:count]
            elif left < _SMALL:
                near.readinto(source, where, left, target)
            else:
                source.readinto(where.end - left, target)
            left -= count
            filled += count
            if filled == length:
                yield buffer
    if 0 < filled < length:
        yield buffer[:filled]
