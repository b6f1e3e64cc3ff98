"""The protobuf wire format, as far as checkpoints use it."""

from __future__ import annotations

from functools import cache, lru_cache

VARINT, FIXED64, BYTES, FIXED32 = 0, 1, 2, 5


@lru_cache(maxsize=4096)
def encode_varint(value: int) -> bytes:
    """A non-negative integer in base 128, least significant group first."""
    groups = bytearray()
    while value > 0x7F:
        groups.append(value & 0x7F | 0x80)
        value >>= 7
    groups.append(value)
    return bytes(groups)


@cache
def encode_key(field: int, kind: int) -> bytes:
    return encode_varint(field << 3 | kind)


def encode_bytes(field: int, data: bytes) -> bytes:
    """A length-delimited field."""
    return encode_key(field, BYTES) + encode_varint(len(data)) + data
