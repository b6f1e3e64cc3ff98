"""Fewer descriptors than files: of those that could be opened again, the longest unused are closed.

A process may have 1,024 files open, on some systems 256, and a task may read twenty thousand. What
is closed is opened again when it is next read, and must then be the file that it was.
"""

from __future__ import annotations

import os
from collections import OrderedDict
from threading import Lock
from typing import Protocol
from weakref import ref

_LEAST, _MOST = 16, 256


class Parkable(Protocol):
    """A file that closes its descriptor when another needs it, unless it is in use."""

    def park(self) -> bool:
        """Close it; whether that was possible. Called with the lock held."""


class Parking:
    """The files of this process that are open and could be opened again."""

    def __init__(self, most: int) -> None:
        self.most = most
        self.lock = Lock()
        self._open: OrderedDict[int, ref[Parkable]] = OrderedDict()

    def used(self, file: Parkable) -> None:
        """A file is open and was just used. Called with the lock held."""
        self._open[id(file)] = ref(file)
        self._open.move_to_end(id(file))
        if len(self._open) > self.most:
            self._close_idle()

    def gone(self, file: Parkable) -> None:
        """A file is closed for good."""
        self._open.pop(id(file), None)

    def _close_idle(self) -> None:
        for key, reference in list(self._open.items()):
            file = reference()
            if file is None or file.park():
                self._open.pop(key, None)
            if len(self._open) <= self.most:
                return


def most_open() -> int:
    """How many input files may be open at once: a quarter of what the system allows."""
    try:
        import resource
    except ImportError:  # Windows allows thousands
        return _MOST
    allowed = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    if allowed == resource.RLIM_INFINITY:
        return _MOST
    return max(_LEAST, min(allowed // 4, _MOST))


PARKING = Parking(most_open())


def absolute(path: str) -> str:
    """The path as it leads to the file from any working folder."""
    try:
        return os.path.abspath(path)
    except OSError:  # the working folder is gone
        return path
