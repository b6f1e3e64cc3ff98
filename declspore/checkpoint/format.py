"""What a format of checkpoint files must provide."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import field
from typing import TYPE_CHECKING, BinaryIO

from declspore.checkpoint.filebytes import FileBytes
from declspore.checkpoint.reader import Access, Checkpoint, Copies, Entry
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
    def sources(self) -> Sequence[Checkpoint]:
        """The files that pieces are copied from."""

    @property
    @abstractmethod
    def copies(self) -> Copies:
        """Which are copied."""


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
    write: Callable[[BinaryIO, str, Sequence[Piece], Access, Progress], None]
    holds: Callable[[HeaderEntry], bool] | None = None
    protects: bool = False
    sums: bool = False
