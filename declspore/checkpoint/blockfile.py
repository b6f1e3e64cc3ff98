"""A file that is written in blocks as large as the pages the system can keep it in.

What is written at once, from a place that a large page may begin at, stays in memory as that page:
writing takes fewer steps, and so does everybody's map of the file
(docs/decisions/0009-blocks-of-large-pages.md).
"""

from __future__ import annotations

import io
import os
from types import TracebackType

from declspore.checkpoint.bytesource import PIECE

_WORTH_KEEPING = 1 << 14
"""Bytes from which on another part costs less than a copy. It bounds the parts of a block, of
which the system takes 1,024 at once."""


class BlockFile(io.FileIO):
    """A file whose writes end where blocks do, but for the last one.

    Read-only data are kept until their block is full and must not change before; what can be
    written into is copied, if it is not written at once. Closed by an error, it leaves out what it
    has kept.
    """

    def __init__(self, fd: int) -> None:
        super().__init__(fd, "r+")
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
        while left:
            count = os.writev(self.fileno(), left)
            while left and count >= len(left[0]):
                count -= len(left.pop(0))
            if count:
                left[0] = memoryview(left[0])[count:]
