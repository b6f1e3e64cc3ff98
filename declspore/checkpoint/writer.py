"""Writing checkpoints of any format: streamed, and all or nothing."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import reduce
from operator import and_

from declspore.checkpoint import errors
from declspore.checkpoint.atomic import replacing
from declspore.checkpoint.filebytes import FileBytes
from declspore.checkpoint.format import Format, Listed, Piece, Pieces, Progress
from declspore.checkpoint.mindspore import MINDSPORE
from declspore.checkpoint.reader import Access, Checkpoint, Hash, is_name
from declspore.ir.header import HeaderEntry, names_of, size_of


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
    known = pieces if isinstance(pieces, Pieces) else Listed(pieces)
    _check(path, known.headers, format)
    least = size_of(known.headers)
    shown = (each.storage.permissions for each in (*known.copies.sources, *like))
    with replacing(
        path, size=least, durable=durable, permissions=reduce(and_, shown, 0o777)
    ) as file:
        file.hash = hash
        format.write(file, path, known, access, progress)
        file.flush()
        size = os.fstat(file.fileno()).st_size
        if verify is not None:
            reading = access._replace(crc=False)
            written = format.open(FileBytes(path, file.fileno()), path, reading, False)
            if hash is not None:
                written.hash, written.copies = file.hash, known.copies
            verify(written)
        return size


def _check(path: str, headers: Sequence[HeaderEntry], format: Format) -> None:
    """Raises DiagnosticError where entries cannot be written to one file."""
    names = names_of(headers)
    if len(set(names)) < len(names):
        raise errors.twice(path, [name for name, times in Counter(names).items() if times > 1])
    check_held(path, headers, format)


def check_held(path: str, entries: Sequence[HeaderEntry], format: Format) -> None:
    """Raises DiagnosticError where a format has no place for some entries."""
    refused = list(_refused(entries, format))
    if refused:
        rows = [(entry.name, entry.type) for entry in refused]
        raise errors.not_held(path, format.title, rows)


def _refused(entries: Sequence[HeaderEntry], format: Format) -> Iterator[HeaderEntry]:
    holds = format.holds
    if holds is None:  # their names decide, and of a million no more need be made
        places = (place for place, name in enumerate(names_of(entries)) if not is_name(name))
        yield from map(entries.__getitem__, places)
        return
    for entry in entries:
        if not (is_name(entry.name) and holds(entry)):
            yield entry
