"""CRC-32 (zlib's polynomial) at the speed of memory, and MindSpore's suffix that carries it."""

from __future__ import annotations

from collections.abc import Sequence

from declspore.checkpoint.bytesource import ByteRange, ByteSource, pieces
from declspore.checkpoint.threads import WORTH_IT, share

MARK = b"crc_num"
_PART = 16 << 20
SUFFIX_SIZE = 17
"""The mark and ten bytes: the number, big-endian."""


def crc32(data: bytes | memoryview, start: int = 0) -> int:
    """The CRC-32 of ``data`` after bytes whose CRC-32 is ``start``."""
    from zlib_ng import zlib_ng

    return zlib_ng.crc32(data, start)


def crc_of(source: ByteSource, where: ByteRange) -> int:
    """The CRC-32 of a range of bytes. Several threads read and add up where the source allows it:
    each takes a part, and the parts' numbers give that of the whole."""
    if not source.concurrent or len(where) < WORTH_IT:
        return crc_of_parts(source, [where])
    from zlib_ng import zlib_ng

    starts = range(where.start, where.end, _PART)
    parts = [ByteRange(start, min(start + _PART, where.end)) for start in starts]
    number = 0
    for part, found in zip(
        parts, share(lambda part: crc_of_parts(source, [part]), parts), strict=True
    ):
        number = zlib_ng.crc32_combine(number, found, len(part))
    return number


def crc_of_parts(source: ByteSource, parts: Sequence[ByteRange]) -> int:
    """The CRC-32 of ranges of bytes, one after the other."""
    number = 0
    for piece in pieces(source, parts):
        number = crc32(piece, number)
    return number


def suffix(number: int) -> bytes:
    return MARK + number.to_bytes(10, "big")


def stated(source: ByteSource) -> int | None:
    """The number a file ends with, or None where it carries none."""
    if source.size <= SUFFIX_SIZE:
        return None
    tail = source.read(source.size - SUFFIX_SIZE, SUFFIX_SIZE)
    if not tail.startswith(MARK):
        return None
    return int.from_bytes(tail[len(MARK) :], "big")
