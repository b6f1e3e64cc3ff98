"""What a format of checkpoint files must provide."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import field
from typing import TYPE_CHECKING, BinaryIO, overload

from declspore.checkpoint.filebytes import FileBytes
from declspore.checkpoint.reader import Access, Checkpoint, Copies, Copy, Entry
from declspore.dataclass import dataclass
from declspore.ir.header import HeaderEntry

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Array = NDArray[np.generic]


@dataclass(frozen=True, slots=True)
class Copied:
    """An entry of another checkpoint under its own or a new name; its bytes are moved, not read."""

    source: Checkpoint
    entry: Entry
    name: str

    @property
    def header(self) -> HeaderEntry:
        return self.entry.header.renamed(self.name)


@dataclass(frozen=True, slots=True)
class Computed:
    """A value made when its turn to be written comes, so that one at a time is in memory."""

    header: HeaderEntry
    compute: Callable[[], Array | str] = field(repr=False)


Piece = Copied | Computed


class Pieces(Sequence[Piece], ABC):
    """Pieces that are made when they are asked for, and what can be said of all beforehand."""

    @property
    @abstractmethod
    def headers(self) -> Sequence[HeaderEntry]: ...

    @property
    @abstractmethod
    def copies(self) -> Copies:
        """Which are copied."""

    @abstractmethod
    def pick(self, places: Iterable[int]) -> Iterator[Piece]:
        """Those at some places, one after the other."""


class Listed(Pieces):
    """Pieces that are there, asked one by one."""

    def __init__(self, pieces: Sequence[Piece]) -> None:
        self._pieces = pieces
        self._copied = [piece for piece in pieces if isinstance(piece, Copied)]
        self._headers = [piece.header for piece in pieces]

    @property
    def headers(self) -> Sequence[HeaderEntry]:
        return self._headers

    @property
    def copies(self) -> Copies:
        return _Copied(self._copied)

    def pick(self, places: Iterable[int]) -> Iterator[Piece]:
        return map(self._pieces.__getitem__, places)

    def __len__(self) -> int:
        return len(self._pieces)

    @overload
    def __getitem__(self, place: int, /) -> Piece: ...
    @overload
    def __getitem__(self, place: slice, /) -> Sequence[Piece]: ...
    def __getitem__(self, place: int | slice, /) -> Piece | Sequence[Piece]:
        return self._pieces[place]


@dataclass(frozen=True)
class _Copied:
    """The copies among pieces."""

    pieces: Sequence[Copied]

    @property
    def sources(self) -> Sequence[Checkpoint]:
        return tuple({id(piece.source): piece.source for piece in self.pieces}.values())

    def __iter__(self) -> Iterator[Copy]:
        for piece in self.pieces:
            place = piece.source.header.place(piece.entry.name)
            assert place is not None
            yield Copy(piece.source, place, piece.name)


Progress = Callable[[int, int, str], None]
"""Called with how many pieces are written, of how many, and the name of the last."""


@dataclass(frozen=True)
class Format:
    """A file format.

    ``title`` names a file of it in a message. ``recognises(head, size)`` looks at a file's first
    bytes. ``open(file, path, access, lenient)`` indexes a file; problems of entries are raised
    all at once, or with ``lenient`` collected. ``holds(entry)`` is whether it can store such an
    entry, None where it can any. ``write(file, path, pieces, access, progress)`` writes pieces,
    whose entries it holds, to a new file that can be read and seeked. ``protects`` is whether it
    can be encrypted, ``sums`` whether it can carry a CRC.
    """

    name: str
    title: str
    suffix: str
    recognises: Callable[[bytes, int], bool]
    open: Callable[[FileBytes, str, Access, bool], Checkpoint]
    write: Callable[[BinaryIO, str, Pieces, Access, Progress], None]
    holds: Callable[[HeaderEntry], bool] | None = None
    protects: bool = False
    sums: bool = False
