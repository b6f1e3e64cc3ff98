"""Words for checkpoint files, each a format."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import ClassVar

from declspore.checkpoint.format import Format, Piece, Progress
from declspore.checkpoint.reader import Access, Checkpoint
from declspore.checkpoint.sharding.target import SetPlan
from declspore.dataclass import dataclass
from declspore.ir.header import HeaderEntry
from declspore.ir.term import Arguments
from declspore.registry.kind import Kind
from declspore.registry.signature import Argument
from declspore.registry.types import Digest, Optional

SHA256 = Argument("sha256", Optional(Digest()), None, "the digest it must have, to be used or put")
"""What every file may state of its content; what runs a plan holds files to it."""


def _fits(arguments: Arguments) -> None:
    return None


@dataclass(frozen=True)
class FileSet:
    """How a set of files that is one checkpoint is opened and written. Each raises DiagnosticError.

    ``open(arguments, formats, access)``; ``plan(arguments, entries)`` what would be written;
    ``write(arguments, pieces, formats, access, verify, progress)`` writes it all at once and
    returns its size.
    """

    open: Callable[[Arguments, Sequence[Format], Access], Checkpoint]
    plan: Callable[[Arguments, Sequence[HeaderEntry]], SetPlan]
    write: Callable[
        [
            Arguments,
            Sequence[Piece],
            Sequence[Format],
            Access,
            Callable[[Checkpoint], None],
            Progress,
        ],
        int,
    ]


@dataclass(frozen=True, kw_only=True)
class FileKind(Kind):
    """A checkpoint file of some format, named by its path.

    ``format`` is None for a word of a set of files, which ``files`` knows how to open and write.
    ``check(arguments)`` raises :class:`declspore.registry.kind.Misfit` where arguments do not fit
    together. ``access(arguments)`` is how it is read or written; it may read a key, and then raise
    DiagnosticError. It is asked when the file is opened, never while a spec is checked. A word
    for ``many`` files, whose path is a pattern, names the word for one.
    """

    family: ClassVar[str] = "file"
    title: ClassVar[str] = "Files"
    room: ClassVar[str] = "files"
    rank: ClassVar[int] = 150

    format: Format | None = None
    files: FileSet | None = None
    access: Callable[[Arguments], Access]
    many: str | None = None
    check: Callable[[Arguments], None] = _fits
