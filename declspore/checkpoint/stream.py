"""Pieces written to a file, one after the other, as a format spells them.

Neighbours that are moved from other files go as one stream of large pieces, however small they
are, and the next bytes are read while the last are written.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain, groupby, islice
from typing import Protocol

from declspore.checkpoint.bytesource import ByteRange, Run, gathered
from declspore.checkpoint.format import Computed, Copied, Piece, Progress

_AT_ONCE = 4096
"""Pieces whose parts are listed at a time."""


class ByteSink(Protocol):
    """What bytes are written to."""

    def write(self, data: bytes | memoryview, /) -> object: ...


def write_pieces(
    file: ByteSink,
    pieces: Iterable[Piece],
    total: int,
    *,
    moved: Callable[[Copied], Iterable[bytes | Run]],
    made: Callable[[Computed], Iterable[bytes | memoryview]],
    progress: Progress,
) -> None:
    """``moved`` and ``made`` say what the file has for a piece."""
    done = 0

    def tell(name: str) -> None:
        nonlocal done
        done += 1
        progress(done, total, name)

    for kind, group in groupby(pieces, type):
        if kind is Copied:
            while some := [piece for piece in islice(group, _AT_ONCE) if isinstance(piece, Copied)]:
                names = [piece.name for piece in some]
                _move(file, [list(moved(piece)) for piece in some], names, tell)
            continue
        for piece in group:
            assert isinstance(piece, Computed)
            for data in made(piece):
                file.write(data)
            tell(piece.header.name)


def _move(
    file: ByteSink,
    copies: Sequence[Sequence[bytes | Run]],
    names: Sequence[str],
    tell: Callable[[str], None],
) -> None:
    sizes = [sum(map(_size, parts)) for parts in copies]
    written = told = 0
    for data in gathered(list(_merged(chain.from_iterable(copies)))):
        file.write(data)
        written += len(data)
        while told < len(sizes) and sizes[told] <= written:
            written -= sizes[told]
            told += 1
            tell(names[told - 1])
    for name in names[told:]:
        tell(name)  # values without a byte


def _size(part: bytes | Run) -> int:
    return part[1].end - part[1].start if isinstance(part, tuple) else len(part)


def _merged(parts: Iterable[bytes | Run]) -> Iterator[bytes | Run]:
    """Neighbouring ranges of one source as one, so that many small entries are read at once."""
    last: Run | None = None
    for part in parts:
        if not isinstance(part, tuple):
            if last is not None:
                yield last
                last = None
            yield part
        elif last is None:
            last = part
        elif part[0] is last[0] and part[1].start == last[1].end:
            last = part[0], ByteRange(last[1].start, part[1].end)
        else:
            yield last
            last = part
    if last is not None:
        yield last
