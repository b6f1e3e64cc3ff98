"""Writing checkpoints of any format: streamed, and all or nothing."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Sequence
from functools import reduce
from operator import and_

from declspore.checkpoint import errors
from declspore.checkpoint.atomic import replacing
from declspore.checkpoint.filebytes import FileBytes
from declspore.checkpoint.format import Copied, Format, Piece, Progress
from declspore.checkpoint.mindspore import MINDSPORE
from declspore.checkpoint.reader import Access, Checkpoint, Copy, Hash, is_name
from declspore.ir.header import HeaderEntry


def _unwatched(done: int, total: int, name: str) -> None:
    return None


def write_checkpoint(
    path: str | os.PathLike[str],
    pieces: Sequence[Piece],
    *,
    format: Format = MINDSPORE,
    access: Access = Access(),  # noqa: B008
    verify: Callable[[Checkpoint], None] | None = None,
    progress: Progress = _unwatched,
    durable: bool = True,
    like: Iterable[Checkpoint] = (),
    hash: Hash | None = None,
) -> int:
    """Write a checkpoint and return its size. Raises DiagnosticError where that fails.

    Nothing is changed unless all of it was written and ``verify``, which is shown the new file
    before it takes its place, raises nothing. ``durable`` is that of
    :func:`declspore.checkpoint.atomic.replacing`. A new file is no more open to others than those
    it copies from, and those it is ``like``: a key keeps nothing secret in a copy without one.
    ``hash`` takes in what is written; ``verify`` gets it with the file (``Checkpoint.hash``).
    """
    path = os.fspath(path)
    copies: list[Copy] | None = None if hash is None else []
    least, sources = _surveyed(path, pieces, format, copies)
    permissions = reduce(and_, (each.storage.permissions for each in (*sources, *like)), 0o777)
    with replacing(path, size=least, durable=durable, permissions=permissions) as file:
        file.hash = hash
        format.write(file, path, pieces, access, progress)
        file.flush()
        size = os.fstat(file.fileno()).st_size
        if verify is not None:
            reading = access._replace(crc=False)
            written = format.open(FileBytes(path, file.fileno()), path, reading, False)
            if copies is not None:
                written.hash, written.copies = file.hash, copies
            verify(written)
        return size


def _surveyed(
    path: str, pieces: Iterable[Piece], format: Format, copies: list[Copy] | None
) -> tuple[int, tuple[Checkpoint, ...]]:
    """The bytes of all values, and the files they are copied from; ``copies`` gets which. Pieces
    may be made while they are gone through, so that this is done once. Raises DiagnosticError where
    they cannot be written to one file."""
    size = 0
    sources: dict[int, Checkpoint] = {}
    names: set[str] = set()
    twice: list[str] = []
    refused: list[HeaderEntry] = []
    for piece in pieces:
        header = piece.header
        size += header.nbytes
        if isinstance(piece, Copied):
            sources.setdefault(id(piece.source), piece.source)
            if copies is not None:
                copies.append(Copy(piece.source, piece.entry.name, piece.name))
        if header.name in names:
            twice.append(header.name)
        names.add(header.name)
        if not _holds(format, header):
            refused.append(header)
    if twice:
        raise errors.twice(path, list(dict.fromkeys(twice)))
    check_held(path, refused, format)
    return size, tuple(sources.values())


def check_held(path: str, entries: Iterable[HeaderEntry], format: Format) -> None:
    """Raises DiagnosticError where a format has no place for some entries."""
    refused = [entry for entry in entries if not _holds(format, entry)]
    if refused:
        rows = [(entry.name, entry.type) for entry in refused]
        raise errors.not_held(path, format.title, rows)


def _holds(format: Format, entry: HeaderEntry) -> bool:
    return is_name(entry.name) and format.holds(entry)
