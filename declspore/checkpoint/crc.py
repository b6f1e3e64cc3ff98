"""CRC-32 (zlib's polynomial) at the speed of memory, and MindSpore's suffix that carries it."""

from __future__ import annotations

from declspore.checkpoint.bytesource import ByteRange, ByteSource, pieces

MARK = b"crc_num"
SUFFIX_SIZE = 17
"""The mark and ten bytes: the number, big-endian."""


def crc32(data: bytes | memoryview, start: int = 0) -> int:
    """The CRC-32 of ``data`` after bytes whose CRC-32 is ``start``."""
    from zlib_ng import zlib_ng

    return zlib_ng.crc32(data, start)


def crc_of(source: ByteSource, where: ByteRange, start: int = 0) -> int:
    for piece in pieces(source, [where]):
        start = crc32(piece, start)
    return start


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
