"""Slices of a value as one run of memory, most of which is the file's.

Between the slices of a value lie the heads of records, so that no map of a file shows them side by
side. But memory can begin with pages of the file and continue with others: the first slice is
mapped, the rest is read after it (docs/decisions/0010-slices-are-mapped.md).
"""

from __future__ import annotations

import ctypes
import mmap
from collections.abc import Sequence
from contextlib import suppress

from declspore.checkpoint.bytesource import LARGE_PAGE, ByteRange, ByteSource
from declspore.checkpoint.reads import fill_one

_MAP_FIXED = 0x10
"""Of Linux, macOS and the BSDs; Python's own ``mmap`` has no word for it."""


def joined(source: ByteSource, fd: int, parts: Sequence[ByteRange]) -> memoryview:
    """Ranges of an open file, one after the other, read-only. The first has a large page at least.

    ``source`` reads of it what is not mapped. The memory is given back with the last view of it.
    Raises OSError where the system does not map the file, and what reading raises.
    """
    first, *others = parts
    begin = first.start // LARGE_PAGE * LARGE_PAGE
    end = first.end // mmap.PAGESIZE * mmap.PAGESIZE
    read = [ByteRange(end, first.end), *others]
    mapped, copied = end - begin, sum(map(len, read))
    memory = mmap.mmap(
        -1, LARGE_PAGE + mapped + copied, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS
    )
    with suppress(AttributeError, OSError):  # advice, which not every system takes
        memory.madvise(mmap.MADV_HUGEPAGE)
    address = ctypes.addressof(ctypes.c_char.from_buffer(memory))
    # large pages of the file are mapped as such where both begin at multiples of their size
    start = -address % LARGE_PAGE
    _map_over(address + start, mapped, fd, begin)
    everything = memoryview(memory)
    fill_one(source, read, everything[start + mapped :][:copied])
    return everything[start + first.start - begin : start + mapped + copied].toreadonly()


def _map_over(address: int, length: int, fd: int, offset: int) -> None:
    """Pages of a file, read-only, in the place of memory that a map of Python's has, which gives
    them back with its own."""
    call = ctypes.CDLL(None, use_errno=True).mmap
    call.restype = ctypes.c_void_p
    call.argtypes = [
        *(ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int, ctypes.c_int),
        *(ctypes.c_int, ctypes.c_ssize_t),
    ]
    flags = mmap.MAP_SHARED | _MAP_FIXED
    if call(address, length, mmap.PROT_READ, flags, fd, offset) != address:
        code = ctypes.get_errno()
        raise OSError(code, "the system does not map the file")
