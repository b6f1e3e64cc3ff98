"""The head of a ``.npy`` file or member (NumPy Enhancement Proposal 1), read no further than it is
worth: NumPy itself first reads as many bytes as the head states, which may be 4 GiB.
"""

from __future__ import annotations

import ast
import re
from math import prod
from typing import IO, Any, NamedTuple

MAGIC = b"\x93NUMPY"
_MOST = 1 << 16
"""Bytes of a head; those of arrays with a plain element type take a hundred."""
_MOST_AXES = 64
_MOST_SIZE = 1 << 62
_MOST_ELEMENTS = 1 << 58
_LONG = re.compile(rb"(?<=\d)L\b")
"""Python 2 wrote sizes so."""


class NpyHead(NamedTuple):
    """What a head states; ``descr`` is the element type as NumPy spells it, ``length`` how many
    bytes the head itself has."""

    descr: Any
    shape: tuple[int, ...]
    fortran: bool
    length: int


def read_head(stream: IO[bytes]) -> NpyHead:
    """The head at the beginning of a stream, which is then at the values.

    Raises ValueError where there is none, and whatever the stream raises.
    """
    start = stream.read(8)
    if start[:6] != MAGIC or len(start) < 8:
        raise ValueError("it does not begin as a .npy file")
    if start[6] not in (1, 2, 3):
        raise ValueError(f"its version is {start[6]}.{start[7]}, which is not known")
    wide = 2 if start[6] == 1 else 4
    length = int.from_bytes(stream.read(wide), "little")
    if length > _MOST:
        raise ValueError(f"its head states {length:,} bytes, at most {_MOST:,} are read")
    text = stream.read(length)
    if len(text) < length:
        raise ValueError("its head is cut off")
    return NpyHead(*_fields(text), 8 + wide + length)


def _fields(text: bytes) -> tuple[object, tuple[int, ...], bool]:
    try:
        found = ast.literal_eval(_LONG.sub(b"", text).decode().strip())
        descr, fortran, shape = (found.pop(key) for key in ("descr", "fortran_order", "shape"))
    except (ValueError, SyntaxError, LookupError, TypeError, AttributeError) as error:
        raise ValueError(f"its head is damaged: {type(error).__name__}") from None
    except (RecursionError, MemoryError):
        raise ValueError("its head is nested too deeply") from None
    counts = isinstance(shape, tuple) and len(shape) <= _MOST_AXES and all(map(_is_size, shape))
    if found or not counts or not isinstance(fortran, bool):
        raise ValueError("its head is damaged")
    if prod(size or 1 for size in shape) >= _MOST_ELEMENTS:
        raise ValueError("no array can have the shape that its head states")
    return descr, shape, fortran


def _is_size(size: object) -> bool:
    return type(size) is int and 0 <= size < _MOST_SIZE
