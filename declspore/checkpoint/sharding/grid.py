"""Arrays whose pieces lie in several places, read as one run of bytes.

A :class:`Grid` is an array cut into equal pieces; :class:`BoxBytes` are the bytes of a box of it,
in C order. So a whole tensor is the box that covers a grid of shards, and a shard to be written is
a box of any other grid. Of each piece just what the box needs is read; what is cut along inner axes
is copied row by row from a window of at most 32 MiB.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import product
from math import prod
from typing import TYPE_CHECKING, NamedTuple, Protocol

from declspore.checkpoint.bytesource import ByteRange, ByteSource
from declspore.checkpoint.filebytes import FileBytes
from declspore.checkpoint.reader import Entry
from declspore.checkpoint.reads import in_memory
from declspore.dataclass import dataclass

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_WINDOW = 32 << 20
"""Bytes of a piece that are looked at once."""


class GridBlock(NamedTuple):
    """The bytes of a piece, in C order."""

    source: ByteSource
    parts: tuple[ByteRange, ...]

    def ranges(self, start: int, end: int) -> list[ByteRange]:
        """Where the bytes from ``start`` to ``end`` of the piece lie in the source."""
        found = []
        for part in self.parts:
            if start < len(part) and end > 0:
                first = part.start + max(start, 0)
                found.append(ByteRange(first, part.start + min(end, len(part))))
            start -= len(part)
            end -= len(part)
        return found

    def readinto(self, start: int, target: memoryview) -> None:
        for where in self.ranges(start, start + len(target)):
            self.source.readinto(where.start, target[: len(where)])
            target = target[len(where) :]

    def window(self, start: int, end: int) -> memoryview:
        """Bytes of the piece, mapped where the source allows it."""
        where = self.ranges(start, end)
        if isinstance(self.source, FileBytes):
            return self.source.window(where)
        return self.source.view(where)


class Check(Protocol):
    """Called before anything is read; raises DiagnosticError where that must not be. ``done``: it
    was called, and found nothing."""

    done: bool

    def __call__(self) -> None: ...


class Unchecked:
    """A check that finds nothing."""

    done = True

    def __call__(self) -> None:
        return None


class CheckedBlocks:
    """A source of bytes that is checked before it is read."""

    def __init__(self, source: ByteSource, check: Check) -> None:
        self._source = source
        self.check = check
        self.size = source.size
        self.concurrent = source.concurrent

    def read(self, start: int, length: int) -> bytes:
        self.check()
        return self._source.read(start, length)

    def readinto(self, start: int, target: memoryview) -> None:
        self.check()
        self._source.readinto(start, target)

    def view(self, parts: Sequence[ByteRange]) -> memoryview:
        self.check()
        return self._source.view(parts)


def check_of(entry: Entry) -> Check:
    """What is checked before an entry is read."""
    source = entry.source
    if isinstance(source, BoxBytes):
        return source.grid.check
    return source.check if isinstance(source, CheckedBlocks) else Unchecked()


@dataclass(frozen=True)
class Grid:
    """An array of ``shape``, each axis of which is cut into ``cuts`` equal pieces.

    ``block`` gives the bytes of the piece with an index (row-major). ``check`` is called before any
    byte is read. ``concurrent``: whether several threads may read.
    """

    shape: tuple[int, ...]
    itemsize: int
    cuts: tuple[int, ...]
    block: Callable[[int], GridBlock]
    check: Check
    concurrent: bool = True

    @classmethod
    def of(cls, entry: Entry) -> Grid:
        """The grid of one piece that an entry of any checkpoint is."""
        if isinstance(entry.source, BoxBytes):
            return entry.source.grid
        shape = entry.header.shape
        block = GridBlock(entry.source, entry.parts)
        return cls(
            shape,
            entry.header.nbytes // max(prod(shape), 1),
            (1,) * len(shape),
            lambda _: block,
            Unchecked(),
            entry.source.concurrent,
        )

    def whole(self) -> BoxBytes:
        return BoxBytes(self, (0,) * len(self.shape), self.shape)


@dataclass(frozen=True, slots=True)
class _Axis:
    """An axis of a box: ``size`` elements from ``start`` on, of an axis with pieces of ``piece``
    elements. A step along the index of its pieces is ``stride`` in the index of all."""

    size: int
    start: int
    whole: int
    piece: int
    stride: int

    @property
    def is_plain(self) -> bool:
        """Whether the box covers all of it, in one piece."""
        return self.size == self.whole == self.piece

    def segments(self, first: int, last: int) -> Iterator[tuple[int, int, int, int]]:
        """What lies in one piece each of the box's elements ``first`` to ``last``: where it begins
        and ends in the box, the piece, and where it begins in the piece."""
        while first < last:
            piece, local = divmod(self.start + first, self.piece)
            end = min(last, first + self.piece - local)
            yield first, end, piece, local
            first = end


class BoxBytes:
    """The bytes of a box of a grid; the box begins at ``start`` and has ``shape``."""

    def __init__(self, grid: Grid, start: tuple[int, ...], shape: tuple[int, ...]) -> None:
        self.grid = grid
        self.size = prod(shape) * grid.itemsize
        self.concurrent = grid.concurrent
        self._axes, self._unit = _merged(grid, start, shape)
        # bytes of a step along each axis, in the box and in a piece
        self._rows = _strides([axis.size for axis in self._axes], self._unit)
        self._steps = _strides([axis.piece for axis in self._axes], self._unit)

    # ---- a source of bytes

    def read(self, start: int, length: int) -> bytes:
        target = bytearray(max(0, min(length, self.size - start)))
        self.readinto(start, memoryview(target))
        return bytes(target)

    def readinto(self, start: int, target: memoryview) -> None:
        self.grid.check()
        if target:
            self._fill(0, 0, 0, start, target)

    def view(self, parts: Sequence[ByteRange]) -> memoryview:
        self.grid.check()
        if len(self._axes) == 1 and len(parts) == 1 and len(parts[0]):
            (axis,) = self._axes
            start, end = (at + axis.start * self._unit for at in (parts[0].start, parts[0].end))
            piece, local = divmod(start, axis.piece * self._unit)
            if end <= (piece + 1) * axis.piece * self._unit:  # all in one piece, side by side
                block = self.grid.block(piece * axis.stride)
                return block.source.view(block.ranges(local, local + end - start))
        return in_memory(self, parts)

    # ---- filling

    def _fill(self, level: int, piece: int, base: int, start: int, target: memoryview) -> None:
        """Fill memory with the bytes from ``start`` on of the part of the box that has chosen
        indices along the axes before ``level``: they lead to ``piece``, and to ``base`` in it."""
        if level == len(self._axes) - 1:
            self._fill_run(piece, base, start, target)
            return
        row = self._rows[level]
        while target:
            index, head = divmod(start, row)
            if head or len(target) < row:
                count = min(row - head, len(target))
                self._fill_row(level, piece, base, index, head, target[:count])
            else:
                rows = len(target) // row
                count = rows * row
                self._fill_rows(level, piece, base, index, rows, target[:count])
            start += count
            target = target[count:]

    def _fill_row(
        self, level: int, piece: int, base: int, index: int, start: int, target: memoryview
    ) -> None:
        """A part of the row with an index, from its byte ``start`` on."""
        axis = self._axes[level]
        at, local = divmod(axis.start + index, axis.piece)
        inner = base + local * self._steps[level]
        self._fill(level + 1, piece + at * axis.stride, inner, start, target)

    def _fill_run(self, piece: int, base: int, start: int, target: memoryview) -> None:
        """Bytes along the last axis, which lie side by side in each piece."""
        axis = self._axes[-1]
        width = axis.piece * self._unit
        start += axis.start * self._unit
        while target:
            at, local = divmod(start, width)
            count = min(len(target), width - local)
            block = self.grid.block(piece + at * axis.stride)
            block.readinto(base + local, target[:count])
            start += count
            target = target[count:]

    def _fill_rows(
        self, level: int, piece: int, base: int, index: int, rows: int, target: memoryview
    ) -> None:
        """Whole rows from an index on: what each piece has of them is copied at once."""
        import numpy as np

        step = self._steps[level]
        if step > _WINDOW:
            row = self._rows[level]
            for each in range(rows):
                part = target[each * row : (each + 1) * row]
                self._fill_row(level, piece, base, index + each, 0, part)
            return
        inner = self._axes[level + 1 :]
        shape = (rows, *(axis.size for axis in inner))
        filled = np.ndarray(shape, _dtype(self._unit), target)
        most = max(1, _WINDOW // step)
        deeper = [list(axis.segments(0, axis.size)) for axis in inner]
        for first, last, at, local in self._axes[level].segments(index, index + rows):
            for begin in range(first, last, most):
                end = min(last, begin + most)
                row_local = local + begin - first
                for chosen in product(*deeper):
                    number = piece + at * self._axes[level].stride
                    offset = base + row_local * step
                    for segment, axis, stride in zip(
                        chosen, inner, self._steps[level + 1 :], strict=True
                    ):
                        number += segment[2] * axis.stride
                        offset += segment[3] * stride
                    place = tuple(slice(segment[0], segment[1]) for segment in chosen)
                    where = filled[(slice(begin - index, end - index), *place)]
                    self._copy(self.grid.block(number), offset, level, where)

    def _copy(self, block: GridBlock, offset: int, level: int, target: NDArray[np.generic]) -> None:
        """Fill an array with a box of a piece that begins at a byte of it."""
        import numpy as np

        strides = self._steps[level:]
        counts = target.shape
        span = sum((n - 1) * stride for n, stride in zip(counts, strides, strict=True))
        span += self._unit
        if span == target.size * self._unit:
            data = np.empty(span, np.uint8).data
            block.readinto(offset, data)
        else:
            data = block.window(offset, offset + span)
        found: NDArray[np.generic] = np.ndarray(counts, target.dtype, data, 0, strides)
        np.copyto(target, found)


def _merged(
    grid: Grid, start: tuple[int, ...], shape: tuple[int, ...]
) -> tuple[tuple[_Axis, ...], int]:
    """The axes of a box without those that lie side by side anyway, and the bytes of an element:
    of what is never cut."""
    unit = grid.itemsize
    strides = _strides(grid.cuts, 1)
    kept: list[_Axis] = []  # the innermost first
    for size, begin, whole, cuts, stride in zip(
        reversed(shape),
        reversed(start),
        reversed(grid.shape),
        reversed(grid.cuts),
        reversed(strides),
        strict=True,
    ):
        axis = _Axis(size, begin, whole, whole // cuts, stride)
        if not kept and axis.is_plain:
            unit *= size
        elif kept and kept[-1].is_plain:
            inner = kept.pop().size
            kept.append(
                _Axis(size * inner, begin * inner, whole * inner, axis.piece * inner, stride)
            )
        else:
            kept.append(axis)
    return tuple(reversed(kept)) or (_Axis(1, 0, 1, 1, 1),), unit


def _strides(sizes: Sequence[int], unit: int) -> tuple[int, ...]:
    """The distance of a step along each axis of an array in C order."""
    found = []
    for size in reversed(sizes):
        found.append(unit)
        unit *= size
    return tuple(reversed(found))


def _dtype(unit: int) -> np.dtype[np.generic]:
    """A type whose elements have so many bytes."""
    import numpy as np

    return np.dtype(f"u{unit}") if unit in (1, 2, 4, 8) else np.dtype((np.void, unit))
