"""A file that is written in blocks as large as the pages the system can keep it in.

What is written at once, from a place that such a page may begin at, stays in memory as that page:
writing takes fewer steps, and so does everybody's map of the file
(docs/decisions/0009-blocks-of-large-pages.md).
"""

from __future__ import annotations

import io
import os
from types import TracebackType

from declspore.checkpoint.bytesource import PIECE
from declspore.checkpoint.disk import start_writing
from declspore.checkpoint.reader import Hash

_WORTH_KEEPING = 1 << 14
"""Bytes from which on another part costs less than a copy. It bounds the parts of a block, of
which the system takes 1,024 at once."""
_WORTH_STARTING = 32 << 20
"""Bytes from which on the disk is asked to begin: while it writes them, the next are made."""


class BlockFile(io.FileIO):
    """A file whose writes end where blocks do, but for the last one.

    Read-only data are kept until their block is full and must not change before; what can be
    written into is copied, if it is not written at once. Closed by an error, it leaves out what it
    has kept.

    ``durable`` is whether it will be flushed to disk: then the disk begins early. ``hash`` takes in
    what is written, as long as that goes from the beginning to the end.
    """

    def __init__(self, fd: int) -> None:
        super().__init__(fd, "r+")
        self.durable = False
        self.hash: Hash | None = None
        self._written = self._begun = 0
        """Where the next bytes go, and up to where the disk was asked to write."""
        self._kept: list[bytearray | memoryview] = []
        """What belongs before ``_end`` and is not written yet; all of it in one block."""
        self._end = 0

    def write(self, data: bytes | memoryview, /) -> int:  # type: ignore[override]
        view = memoryview(data)
        block = self._end // PIECE
        self._end += len(view)
        if self._end // PIECE > block:
            whole = len(view) - self._end % PIECE
            self._put([*self._kept, view[:whole]])
            self._kept = [bytearray(view[whole:])]
        else:
            self._keep(view)
        return len(view)

    def flush(self) -> None:
        self._put(self._kept)
        super().flush()

    def seek(self, offset: int, whence: int = os.SEEK_SET, /) -> int:
        self.flush()
        self._end = super().seek(offset, whence)
        if self._end != self._written:
            self.hash = None
        self._written = self._begun = self._end
        return self._end

    def tell(self) -> int:
        return self._end

    def __exit__(
        self,
        type: type[BaseException] | None,
        value: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if type is not None:
            self._kept = []
        self.close()

    def _keep(self, view: memoryview) -> None:
        if view.readonly and len(view) >= _WORTH_KEEPING:
            self._kept.append(view)
        elif self._kept and isinstance(self._kept[-1], bytearray):
            self._kept[-1] += view
        else:
            self._kept.append(bytearray(view))

    def _put(self, parts: list[bytearray | memoryview]) -> None:
        self._kept = []
        left = [part for part in parts if part]
        if self.hash is not None:
            for part in left:
                self.hash.update(part)
        while left:
            count = os.writev(self.fileno(), _first(left, PIECE - self._written % PIECE))
            self._written += count
            while left and count >= len(left[0]):
                count -= len(left.pop(0))
            if count:
                left[0] = memoryview(left[0])[count:]
            if self.durable and self._written - self._begun >= _WORTH_STARTING:
                start_writing(self.fileno(), self._begun, self._written)
                self._begun = self._written


def _first(parts: list[bytearray | memoryview], most: int) -> list[bytearray | memoryview]:
    """As many of the parts as have so many bytes; the last may be cut."""
    found: list[bytearray | memoryview] = []
    for part in parts:
        found.append(part if len(part) <= most else memoryview(part)[:most])
        most -= len(part)
        if most <= 0:
            break
    return found
