"""Replicas: copies of the same piece on several ranks, which must agree."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from declspore.checkpoint.sharding.grid import GridBlock
from declspore.ir.dtype import DType
from declspore.ir.tensors import Array

if TYPE_CHECKING:
    pass

_CHUNK = 4 << 20


class Differing(NamedTuple):
    """The first element of a piece that two replicas do not share: its index in C order, and both
    values as text."""

    element: int
    values: tuple[str, str]


def first_difference(
    replicas: tuple[GridBlock, GridBlock], nbytes: int, dtype: DType
) -> Differing | None:
    """Where two replicas differ, compared by their bytes."""
    import numpy as np

    one, other = replicas
    buffers = [np.empty(min(_CHUNK, nbytes), np.uint8) for _ in range(2)]
    for start in range(0, nbytes, _CHUNK):
        count = min(_CHUNK, nbytes - start)
        mine, theirs = (buffer[:count] for buffer in buffers)
        one.readinto(start, mine.data)
        other.readinto(start, theirs.data)
        if not np.array_equal(mine, theirs):
            at = int(np.flatnonzero(mine != theirs)[0])
            size = max(dtype.itemsize, 1)
            element = (start + at) // size
            first = element * size - start
            place = slice(first, first + size)
            return Differing(element, (_value(mine[place], dtype), _value(theirs[place], dtype)))
    return None


def _value(data: Array, dtype: DType) -> str:
    if not dtype.has_numbers:
        return f"0x{data.tobytes().hex()}"
    return str(data.view(dtype.as_numpy())[0])
