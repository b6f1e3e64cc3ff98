"""Writing checkpoints of any format: streamed, and all or nothing."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from functools import reduce
from operator import and_

from declspore.checkpoint import errors
from declspore.checkpoint.atomic import replacing
from declspore.checkpoint.filebytes import FileBytes
from declspore.checkpoint.format import Copied, Format, Piece, Progress
from declspore.checkpoint.mindspore import MINDSPORE
from declspore.checkpoint.reader import Access, Checkpoint, Hash, is_name
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
    _check(path, pieces, format)
    least = sum(piece.header.nbytes for piece in pieces)
    sources = {id(p.source): p.source for p in pieces if isinstance(p, Copied)}
    every = (source.storage.permissions for source in (*sources.values(), *like))
    permissions = reduce(and_, every, 0o777)
    with replacing(path, size=least, durable=durable, permissions=permissions) as file:
        file.hash = hash
        format.write(file, path, pieces, access, progress)
        file.flush()
        size = os.fstat(file.fileno()).st_size
        if verify is not None:
            reading = access._replace(crc=False)
            written = format.open(FileBytes(path, file.fileno()), path, reading, False)
            if hash is not None:
                written.hash = file.hash
                written.copies = [piece for piece in pieces if isinstance(piece, Copied)]
            verify(written)
        return size


def _check(path: str, pieces: Sequence[Piece], format: Format) -> None:
    names = Counter(piece.header.name for piece in pieces)
    twice = [name for name, count in names.items() if count > 1]
    if twice:
        raise errors.twice(path, twice)
    check_held(path, [piece.header for piece in pieces], format)


def check_held(path: str, entries: Iterable[HeaderEntry], format: Format) -> None:
    """Raises DiagnosticError where a format has no place for some entries."""
    refused = [e for e in entries if not (is_name(e.name) and format.holds(e))]
    if refused:
        rows = [(entry.name, entry.type) for entry in refused]
        raise errors.not_held(path, format.title, rows)
