"""A set of files as one checkpoint: whole tensors that are views over pieces in many files."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Iterator, Sequence
from functools import reduce
from operator import and_

from declspore.checkpoint import errors as file_errors
from declspore.checkpoint.crc import crc32
from declspore.checkpoint.filebytes import FileBytes, Stamp
from declspore.checkpoint.format import Format
from declspore.checkpoint.reader import Access, Checkpoint, Crc, Entry
from declspore.checkpoint.sharding.grid import check_of
from declspore.checkpoint.sharding.pool import Pool, ShardBytes
from declspore.checkpoint.sniff import identify
from declspore.dataclass import dataclass
from declspore.diagnostic import Diagnostic
from declspore.report import DiagnosticError


@dataclass(frozen=True, slots=True)
class SetOptions:
    """How a set is read.

    ``strategy`` is the path of the strategy file, or a pattern for those of all stages. ``files``
    is a pattern for the names of files within rank folders. ``first``: of replicas that differ, the
    lowest rank's is taken, without comparing them. ``without_replicas``: pieces need to be on one
    of the ranks only that could hold them; None: as the files say.
    """

    strategy: str | None = None
    files: str | None = None
    first: bool = False
    without_replicas: bool | None = None


def folder_of(path: str) -> str:
    """The folder of a set: that of its index or of the files that match a pattern."""
    return path if os.path.isdir(path) or path.endswith(os.sep) else os.path.dirname(path)


def _relative(path: str, root: str) -> str:
    return os.path.relpath(path, root or ".").replace(os.sep, "/")


class SetFiles:
    """The files of a set, in the place of a single one: as large as all of them."""

    def __init__(
        self, root: str, shards: Sequence[ShardBytes], others: Sequence[str], pool: Pool
    ) -> None:
        """``others`` are the files that describe the set: an index, strategies. ``root`` is the
        folder that all paths are seen from."""
        self.root = root
        self.shards = tuple(shards)
        self.others = tuple(others)
        self.size = sum(shard.size for shard in shards)
        self._pool = pool
        self._stamps = [shard.stamp for shard in shards]
        for path in others:
            file = FileBytes(path)
            self._stamps.append(file.stamp)
            file.close()

    @property
    def permissions(self) -> int:
        """Those that every file has."""
        return reduce(and_, (shard.permissions for shard in self.shards), 0o777)

    @property
    def stamp(self) -> Stamp:
        """What identifies these files: a digest takes the place of device and inode."""
        digest = hashlib.sha256(repr(self._stamps).encode()).digest()
        latest = max(stamp.modified for stamp in self._stamps)
        return Stamp(0, int.from_bytes(digest[:8], "big"), self.size, latest)

    def close(self) -> None:
        self._pool.close()


class ShardedCheckpoint(Checkpoint):
    """A set of files as one checkpoint.

    ``stated_crcs`` are the files that carry a CRC. ``checks`` compare the replicas of an entry each
    and raise DiagnosticError where they differ; every read compares those of what it reads.
    """

    def __init__(
        self,
        path: str,
        format: str,
        files: SetFiles,
        entries: tuple[Entry, ...],
        *,
        opener: SetOpener,
        problems: Iterable[Diagnostic] = (),
        mode: str | None = None,
        stated_crcs: Sequence[tuple[str, int]] = (),
    ) -> None:
        super().__init__(path, format, files, entries, problems=problems, mode=mode)
        self.files = files
        self._opener = opener
        self._stated = tuple(stated_crcs)
        if stated_crcs and len(stated_crcs) == len(files.shards):
            number = crc32(b"".join(stated.to_bytes(8, "big") for _, stated in stated_crcs))
            self.crc = Crc(number, lambda: number)

    @property
    def named_files(self) -> list[tuple[str, str]]:
        """All files, the shards and those that describe the set: how they are called as seen from
        the folder of the set, and where they are now."""
        root = folder_of(self.path)
        shards = [(_relative(each.path, self.files.root), each.path) for each in self.files.shards]
        return shards + [(_relative(path, root), path) for path in self.files.others]

    def check_crc(self) -> None:
        """Raises DiagnosticError where a file states no CRC, or another than its bytes give."""
        stated = {path for path, _ in self._stated}
        problems: list[Diagnostic] = []
        for shard in self.files.shards:
            try:
                if shard.path not in stated:
                    raise file_errors.no_crc(shard.path)
                self._opener.open(shard).check_crc()
            except DiagnosticError as error:
                problems += error.diagnostics
        if problems:
            raise DiagnosticError(problems)

    def disagreements(self) -> Iterator[Diagnostic]:
        for entry in self.entries:
            try:
                check_of(entry)()
            except DiagnosticError as error:
                yield from error.diagnostics


class SetOpener:
    """Opens the files of a set, one after the other."""

    def __init__(self, formats: Sequence[Format], access: Access, lenient: bool) -> None:
        self.pool = Pool()
        self.problems: list[Diagnostic] = []
        self.shards: list[ShardBytes] = []
        self.crcs: list[tuple[str, int]] = []
        self.mode: str | None = None
        self._formats = formats
        self._access = access._replace(crc=False)
        self.lenient = lenient

    def index(self, path: str) -> Checkpoint | None:
        """A file with its index, or None with the problems kept."""
        try:
            shard = ShardBytes(path, self.pool)
            found = self.open(shard)
        except DiagnosticError as error:
            self.problems += error.diagnostics
            return None
        self.problems += found.problems
        self.shards.append(shard)
        self.mode = self.mode or found.mode
        if found.crc is not None:
            self.crcs.append((path, found.crc.stated))
        return found

    def open(self, shard: ShardBytes) -> Checkpoint:
        format = identify(shard, self._formats)
        return format.open(shard, shard.path, self._access, True)

    def finished(
        self, path: str, format: str, entries: Iterable[Entry], others: Sequence[str]
    ) -> ShardedCheckpoint:
        """The set, once all files are indexed. Raises DiagnosticError unless ``lenient``."""
        if self.problems and not self.lenient:
            raise DiagnosticError(self.problems)
        return ShardedCheckpoint(
            path,
            format,
            SetFiles(folder_of(path), self.shards, others, self.pool),
            tuple(entries),
            opener=self,
            problems=self.problems,
            mode=self.mode,
            stated_crcs=self.crcs,
        )
