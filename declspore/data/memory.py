"""Memory of batches, which is used again: fresh memory comes page by page, each of them zeroed."""

from __future__ import annotations

import math
import sys
import threading
from collections.abc import Sequence
from typing import Any

import numpy as np

from declspore.ir.tensors import Array

_ALIGNED = 64
"""TensorFlow takes over an array that begins at a multiple of so many bytes, and copies others."""

_MOST = 256 << 20
"""Bytes that are kept, which a pipeline holds as long as it lives."""


class Memory:
    """Arrays whose memory was that of earlier ones, which nothing holds any more.

    An array, and each view or tensor of it, keeps a reference to the bytes beneath, so that their
    count of references says when they are free.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: list[Array] = []
        self._size = 0

    def array(self, shape: Sequence[int], dtype: np.dtype[Any]) -> Array:
        """An array of any values, whose first byte is aligned."""
        size = math.prod(shape) * dtype.itemsize
        with self._lock:
            memory = self._free(size)
            begin = -memory.ctypes.data % _ALIGNED
            return memory[begin : begin + size].view(dtype).reshape(shape)

    def _free(self, size: int) -> Array:
        if size > self._size:
            self._kept, self._size = [], size
        for place in range(len(self._kept)):
            if sys.getrefcount(self._kept[place]) == _UNUSED:
                return self._kept[place]
        fresh = np.empty(self._size + _ALIGNED, np.uint8)
        if (len(self._kept) + 1) * size <= _MOST:
            self._kept.append(fresh)
        return fresh


def _count_of_unused() -> int:
    kept = [np.empty(1, np.uint8)]
    return sys.getrefcount(kept[0])


_UNUSED = _count_of_unused()
