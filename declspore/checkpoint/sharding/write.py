"""Writing a sharded checkpoint: into a folder of its own, which takes the place of the target as a
whole when all of it is written."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Sequence
from functools import partial, reduce
from operator import and_

from declspore.checkpoint.atomic import replacing
from declspore.checkpoint.bytesource import ByteRange
from declspore.checkpoint.filebytes import FileBytes
from declspore.checkpoint.format import Computed, Copied, Format, Piece, Progress
from declspore.checkpoint.mindspore import MINDSPORE
from declspore.checkpoint.reader import Access, Checkpoint, Entry
from declspore.checkpoint.sharding import errors
from declspore.checkpoint.sharding.grid import BoxBytes, Check, Grid, check_of
from declspore.checkpoint.sharding.open import open_set
from declspore.checkpoint.sharding.processes import in_processes
from declspore.checkpoint.sharding.sets import SetOptions
from declspore.checkpoint.sharding.staging import staged
from declspore.checkpoint.sharding.target import (
    HUGGING_FACE,
    Part,
    SetPlan,
    Target,
    nbytes_of,
    plan_set,
)
from declspore.checkpoint.writer import write_checkpoint
from declspore.diagnostic import Diagnostic
from declspore.ir.header import HeaderEntry
from declspore.report import DiagnosticError

_COMPUTED = ".computed.ckpt"


def write_set(
    target: Target,
    pieces: Sequence[Piece],
    *,
    formats: Sequence[Format],
    access: Access = Access(),  # noqa: B008
    verify: Callable[[Checkpoint], None] | None = None,
    progress: Progress = lambda *_: None,
    jobs: int = 1,
) -> int:
    """Write a set and return the size of its files. Raises DiagnosticError where that fails.

    Nothing is changed unless all of it was written and ``verify``, which is shown the new set,
    raises nothing. ``jobs`` processes write at once, where processes can be forked.
    """
    plan = plan_set(target, [piece.header for piece in pieces])
    _check_cuts(target, plan, pieces)
    with staged(target.path, target.replaceable) as folder:
        copies = _copied(os.path.join(folder, _COMPUTED), pieces)
        _check_replicas(copies, jobs)
        _write_files(folder, target, plan, copies, access, progress, jobs)
        if plan.index is not None:
            name, text = plan.index
            with replacing(os.path.join(folder, name), permissions=_common(folder)) as file:
                file.write(text.encode())
        _remove(os.path.join(folder, _COMPUTED))
        # replicas that were just written are not compared
        options = SetOptions(target.strategy, None, True, target.without_replicas)
        written = open_set(folder, formats, options, access._replace(crc=False))
        written.path = os.path.join(target.path, "")
        if verify is not None:
            verify(written)
        return written.size


def _common(folder: str) -> int:
    """What all files of a set allow: the index has the names of their entries."""
    with os.scandir(folder) as files:
        modes = [stat.S_IMODE(each.stat().st_mode) for each in files if each.is_file()]
    return reduce(and_, modes, 0o777)


def _check_cuts(target: Target, plan: SetPlan, pieces: Sequence[Piece]) -> None:
    """Raises DiagnosticError where the strategy does not mention entries that the input cuts: whole
    on every rank they would need a multiple of the room."""
    if target.strategy is None:
        return
    problems: list[Diagnostic] = []
    for piece in pieces:
        if piece.header.name in plan.unlaid and isinstance(piece, Copied):
            source = piece.entry.source
            if isinstance(source, BoxBytes) and any(n > 1 for n in source.grid.cuts):
                name = piece.header.name
                problems.append(errors.no_layout(target.path, name, target.strategy))
    if problems:
        raise DiagnosticError(problems)


def _copied(path: str, pieces: Sequence[Piece]) -> list[Copied]:
    """Pieces that can be read in parts: what is computed is written to a file of its own first."""
    computed = [piece for piece in pieces if isinstance(piece, Computed)]
    if not computed:
        return [piece for piece in pieces if isinstance(piece, Copied)]
    write_checkpoint(path, computed, format=MINDSPORE, durable=False)
    found = MINDSPORE.open(FileBytes(path), path, Access(), False)
    return [
        piece
        if isinstance(piece, Copied)
        else Copied(found, found.by_name[piece.header.name], piece.header.name)
        for piece in pieces
    ]


def _check_replicas(copies: Sequence[Copied], jobs: int) -> None:
    """Compare the replicas of all that is copied, before anything is written from several
    processes, each of which would compare what it reads."""
    if jobs == 1:
        return
    checks = [check for piece in copies if not (check := check_of(piece.entry)).done]
    in_processes([partial(_called, check) for check in checks], jobs, lambda _: None)
    for check in checks:
        check.done = True


def _called(check: Check, tell: Callable[[str], None]) -> None:
    check()


def _write_files(
    folder: str,
    target: Target,
    plan: SetPlan,
    copies: Sequence[Copied],
    access: Access,
    progress: Progress,
    jobs: int,
) -> None:
    count = sum(len(parts) for parts in plan.files.values())
    metadata = {
        "format": "pt" if target.strategy is None and target.style == HUGGING_FACE else "ms"
    }
    if target.without_replicas:
        metadata["remove_redundancy"] = "True"
    access = access._replace(metadata=metadata)
    done = 0

    def write(name: str, tell: Callable[[str], None]) -> None:
        parts = [_part_of(copies[part.entry], part) for part in plan.files[name]]
        write_checkpoint(
            os.path.join(folder, name),
            parts,
            format=target.format,
            access=access,
            progress=lambda _, __, entry: tell(entry),
            durable=True,
        )

    def told(entry: str) -> None:
        nonlocal done
        done += 1
        progress(done, count, entry)

    in_processes([partial(write, name) for name in plan.files], jobs, told)


def _part_of(piece: Copied, part: Part) -> Copied:
    """A piece, or a box of it."""
    if part.box is None:
        return piece
    source = BoxBytes(Grid.of(piece.entry), *part.box)
    header = piece.entry.header
    nbytes = nbytes_of(header, part)
    cut = HeaderEntry(header.name, header.dtype, part.box.shape, nbytes)
    entry = Entry(cut, part.box.shape, source, (ByteRange(0, nbytes),))
    return Copied(piece.source, entry, piece.name)


def _remove(path: str) -> None:
    if os.path.lexists(path):
        os.unlink(path)
