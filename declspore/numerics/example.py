"""``tf.train.Example`` (tensorflow/core/example/example.proto) without TensorFlow."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import Any, TypeAlias

from declspore.ir.tensors import Array

Feature: TypeAlias = "Array | list[bytes]"
_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5


def features(data: bytes) -> dict[str, Feature]:
    """The features of an example by name: a list of bytes, or an array of float32 or of int64.

    Raises ValueError.
    """
    found = {}
    try:
        for number, _, whole in _fields(memoryview(data)):
            if number != 1:
                continue
            for _, _, entry in _fields(whole):
                parts = {part: value for part, _, value in _fields(entry)}
                found[_bytes(parts[1]).decode()] = _feature(parts.get(2, memoryview(b"")))
    except (IndexError, struct.error, UnicodeDecodeError, KeyError, TypeError) as error:
        raise ValueError(f"it is not a tf.train.Example: {error}") from None
    return found


def _feature(data: memoryview) -> Feature:
    import numpy as np

    for kind, _, values in _fields(data):
        if kind == 1:
            return [_bytes(value) for _, _, value in _fields(values)]
        parts: list[Array | list[int]] = []
        for _, wire, value in _fields(values):
            if kind == 2:
                parts.append(np.frombuffer(value, "<f4"))
            else:
                parts.append(_varints(value) if wire == _BYTES else [_signed(value)])
        joined = np.concatenate(parts) if parts else np.zeros(0)
        return joined.astype(np.float32 if kind == 2 else np.int64)
    return []


def _bytes(value: object) -> bytes:
    """The bytes of a field; of a number, ``bytes`` would make as many zeros."""
    if not isinstance(value, memoryview):
        raise TypeError("a number where bytes are expected")
    return bytes(value)


def _fields(data: memoryview) -> Iterator[tuple[int, int, Any]]:
    at = 0
    while at < len(data):
        tag, at = _varint(data, at)
        wire = tag & 7
        if wire == _VARINT:
            value, at = _varint(data, at)
            yield tag >> 3, wire, value
            continue
        length = {_FIXED64: 8, _FIXED32: 4}.get(wire)
        if wire == _BYTES:
            length, at = _varint(data, at)
        if length is None or at + length > len(data):
            raise IndexError("a field ends early")
        yield tag >> 3, wire, data[at : at + length]
        at += length


def _varint(data: memoryview, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, at
        shift += 7
        if shift > 63:
            raise IndexError("a number is too long")


def _varints(data: memoryview) -> Array:
    import numpy as np

    octets = np.frombuffer(data, np.uint8)
    if len(octets) and not (octets & 0x80).any():
        return octets.astype(np.int64)
    found, at = [], 0
    while at < len(data):
        value, at = _varint(data, at)
        found.append(_signed(value))
    return np.asarray(found, np.int64)


def _signed(value: int) -> int:
    value &= (1 << 64) - 1
    return value - (1 << 64) if value >> 63 else value
