"""What the system is asked of a disk that Python has no word for; where it does not know the call,
nothing happens."""

from __future__ import annotations

import errno
import os
import sys
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import ctypes

_WORTH_RESERVING = 1 << 20
_KEEP_SIZE = 1
"""FALLOC_FL_KEEP_SIZE"""
_WRITE = 2
"""SYNC_FILE_RANGE_WRITE"""


def reserve(fd: int, size: int) -> None:
    """Room on the disk, where the system can promise it; the file stays as long as it is.

    Writing into it takes a fifth less work, and a disk that is too full says so before any work is
    done. (``os.posix_fallocate`` would write zeros where a file system cannot do that.) Raises
    OSError where there is no room.
    """
    if size < _WORTH_RESERVING or not sys.platform.startswith("linux"):
        return
    import ctypes

    system = _system()
    call = getattr(system, "fallocate64", None) or system.fallocate
    call.argtypes = (ctypes.c_int, ctypes.c_int, ctypes.c_int64, ctypes.c_int64)
    if call(fd, _KEEP_SIZE, 0, size) and ctypes.get_errno() in (errno.ENOSPC, errno.EDQUOT):
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))


def start_writing(fd: int, start: int, end: int) -> None:
    """Let the disk begin with what was written to a range, and do not wait for it.

    Else Linux begins only when a tenth of the memory waits to be written, or when the file is
    flushed, which then takes as long as the disk does. Errors of the disk are those that flushing
    the file reports.
    """
    if not sys.platform.startswith("linux"):
        return
    import ctypes

    call = getattr(_system(), "sync_file_range", None)
    if call is not None:
        call.argtypes = (ctypes.c_int, ctypes.c_int64, ctypes.c_int64, ctypes.c_uint)
        call(fd, start, end - start, _WRITE)


@cache
def _system() -> ctypes.CDLL:
    import ctypes

    return ctypes.CDLL(None, use_errno=True)
