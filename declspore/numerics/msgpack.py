"""MessagePack (https://github.com/msgpack/msgpack/blob/master/spec.md), as far as rows need it:
numbers, texts, bytes, lists and maps."""

from __future__ import annotations

import struct
from collections.abc import Callable

_NUMBERS = {
    0xCA: (">f", 4),
    0xCB: (">d", 8),
    0xCC: (">B", 1),
    0xCD: (">H", 2),
    0xCE: (">I", 4),
    0xCF: (">Q", 8),
    0xD0: (">b", 1),
    0xD1: (">h", 2),
    0xD2: (">i", 4),
    0xD3: (">q", 8),
}
_LENGTHS = {1: ">B", 2: ">H", 4: ">I"}
_DEEPEST = 32


def unpacked(data: bytes) -> object:
    """The value of which ``data`` is the encoding. Raises ValueError."""
    try:
        value, end = _value(data, 0, 0)
    except (IndexError, struct.error, UnicodeDecodeError, TypeError) as error:
        raise ValueError(f"its MessagePack is damaged: {error}") from None
    if end != len(data):
        raise ValueError(f"{len(data) - end} bytes follow its MessagePack")
    return value


def _value(data: bytes, at: int, depth: int) -> tuple[object, int]:
    if depth > _DEEPEST:
        raise ValueError("it is nested too deeply")
    kind = data[at]
    at += 1
    if kind <= 0x7F:
        return kind, at
    if kind >= 0xE0:
        return kind - 256, at
    if kind in (0xC0, 0xC2, 0xC3):
        return {0xC0: None, 0xC2: False, 0xC3: True}[kind], at
    if kind in _NUMBERS:
        form, size = _NUMBERS[kind]
        return struct.unpack_from(form, data, at)[0], at + size
    if 0xA0 <= kind <= 0xBF:
        return _bytes(data, at, kind & 0x1F, bytes.decode)
    if kind in (0xD9, 0xDA, 0xDB, 0xC4, 0xC5, 0xC6):
        is_text = kind >= 0xD9
        length, at = _length(data, at, 1 << (kind - (0xD9 if is_text else 0xC4)))
        return _bytes(data, at, length, bytes.decode if is_text else bytes)
    if kind <= 0x9F or kind in (0xDC, 0xDD, 0xDE, 0xDF):
        return _container(data, at, kind, depth)
    raise ValueError(f"0x{kind:02x} begins nothing that a row may hold")


def _container(data: bytes, at: int, kind: int, depth: int) -> tuple[object, int]:
    count = kind & 0x0F
    if kind >= 0xDC:
        count, at = _length(data, at, 2 if kind in (0xDC, 0xDE) else 4)
    is_map = kind <= 0x8F or kind in (0xDE, 0xDF)
    if count > len(data) - at:
        raise ValueError("it is longer than its bytes")
    values = []
    for _ in range(count * 2 if is_map else count):
        value, at = _value(data, at, depth + 1)
        values.append(value)
    return (dict(zip(values[::2], values[1::2], strict=True)) if is_map else values), at


def _length(data: bytes, at: int, size: int) -> tuple[int, int]:
    return struct.unpack_from(_LENGTHS[size], data, at)[0], at + size


def _bytes(
    data: bytes, at: int, length: int, read: Callable[[bytes], object]
) -> tuple[object, int]:
    if at + length > len(data):
        raise ValueError("it ends early")
    return read(data[at : at + length]), at + length
