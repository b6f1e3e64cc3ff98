"""Arrays that grow batch by batch, as values."""

from __future__ import annotations

from typing import TYPE_CHECKING

from declspore.ir.tensors import Array

if TYPE_CHECKING:  # NumPy is loaded by what computes
    import numpy as np


class Rows:
    """Rows that were added so far. :meth:`added` gives another value with more of them, in time
    proportional to what is added: values share one buffer, and only the longest adds to it in
    place."""

    __slots__ = ("_buffer", "_length")

    def __init__(self) -> None:
        self._buffer = _Buffer()
        self._length = 0

    def __len__(self) -> int:
        return self._length

    def added(self, rows: Array) -> Rows:
        """These rows and further ones, an array [N, ...] of the same shape after its first axis.
        The element type is one that holds those of all."""
        found = Rows()
        found._buffer = self._buffer.extended(self._length, rows)
        found._length = self._length + len(rows)
        return found

    def array(self) -> Array:
        """All rows, as an array that must not be written to. Something was added before."""
        return self._buffer.first(self._length)


class _Buffer:
    """Room for rows, of which the first ``used`` are taken."""

    def __init__(self, room: Array | None = None, used: int = 0) -> None:
        self._room = room
        self._used = used

    def extended(self, length: int, rows: Array) -> _Buffer:
        """A buffer whose rows after the first ``length`` are these: itself, where they fit and
        nothing else was put there."""
        import numpy as np

        end = length + len(rows)
        into = self
        dtype = rows.dtype if self._room is None else np.result_type(self._room, rows)
        if not self._fits(length, end, dtype):
            room = np.empty((max(2 * length, end, 1024), *rows.shape[1:]), dtype)
            if length:
                room[:length] = self.first(length)
            into = _Buffer(room)
        into.first(end)[length:] = rows
        into._used = end
        return into

    def _fits(self, length: int, end: int, dtype: np.dtype[np.generic]) -> bool:
        """Whether rows of that type can be added in place."""
        room = self._room
        if room is None or length != self._used or end > len(room):
            return False
        return room.dtype == dtype

    def first(self, length: int) -> Array:
        assert self._room is not None, "nothing was added"
        return self._room[:length]
