"""Rank folders as one checkpoint: the pieces of all ranks, arranged as a strategy says."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import field
from itertools import islice
from math import prod
from typing import NamedTuple

from declspore.checkpoint.bytesource import ByteRange, ByteSource
from declspore.checkpoint.reader import Checkpoint, Entry
from declspore.checkpoint.sharding import errors
from declspore.checkpoint.sharding.folder import rank_files
from declspore.checkpoint.sharding.grid import Check, CheckedBlocks, Grid, GridBlock, Unchecked
from declspore.checkpoint.sharding.layout import Layout, placement, unravel, whole
from declspore.checkpoint.sharding.replicas import first_difference
from declspore.checkpoint.sharding.sets import SetOpener, SetOptions, ShardedCheckpoint
from declspore.checkpoint.sharding.strategy import Strategy, read_strategy
from declspore.dataclass import dataclass
from declspore.diagnostic import Diagnostic
from declspore.ir.header import HeaderEntry

_REDUNDANCY = "remove_redundancy"
_MOST_PROBLEMS = 100
_ABSENT = -1


def open_ranks(path: str, opener: SetOpener, options: SetOptions) -> ShardedCheckpoint:
    """The rank folders (or rank files that match a pattern) as one checkpoint.

    Without a strategy every rank holds whole tensors. Raises DiagnosticError.
    """
    strategy = None if options.strategy is None else read_strategy(options.strategy)
    files, problems = rank_files(path, options.files)
    opener.problems += problems
    table = _Table(strategy)
    for rank, paths in files.items():
        for each in paths:
            found = opener.index(each)
            if found is not None:
                table.add(rank, found)
    ranks = _Ranks(path, table, strategy, options, opener)
    ranks.check_ranks(files)
    entries = list(ranks.entries())
    format = next((file.format for file in table.files), "ckpt")
    others = () if strategy is None else strategy.paths
    return opener.finished(path, f"{format} of {_count(files)}", entries, others)


def _count(files: Mapping[int, object]) -> str:
    return f"{len(files)} rank{'' if len(files) == 1 else 's'}"


# ---- what the files hold


class _Piece(NamedTuple):
    """Element type and shape of an entry's pieces, and the file that showed them first."""

    header: HeaderEntry
    dims: tuple[int, ...]
    origin: str


@dataclass(slots=True)
class _File:
    """A file of a rank: where the bytes of each entry lie, by the entry's number. Entries of
    several parts, and those that are not tensors, are kept as they are."""

    rank: int
    path: str
    format: str
    source: ByteSource | None
    starts: array[int] = field(default_factory=lambda: array("q"))
    kept: dict[int, Entry] = field(default_factory=dict)

    def holds(self, number: int) -> bool:
        return number in self.kept or (number < len(self.starts) and self.starts[number] != _ABSENT)

    def block(self, number: int, nbytes: int) -> GridBlock:
        kept = self.kept.get(number)
        if kept is not None:
            return GridBlock(kept.source, kept.parts)
        assert self.source is not None
        start = self.starts[number]
        return GridBlock(self.source, (ByteRange(start, start + nbytes),))


class _Table:
    """The entries of all files, numbered in the order they are found."""

    def __init__(self, strategy: Strategy | None) -> None:
        self.names: dict[str, int] = {}
        self.files: list[_File] = []
        # of each entry what its pieces are in each stage: one type, unless something is wrong
        self.pieces: list[dict[int, dict[_Key, _Piece]]] = []
        self.without_replicas = False
        self._strategy = strategy

    def add(self, rank: int, found: Checkpoint) -> None:
        source = found.entries[0].source if found.entries else None
        file = _File(rank, found.path, found.format, source)
        self.without_replicas |= found.metadata.get(_REDUNDANCY) == "True"
        starts = file.starts
        stage = 0 if self._strategy is None else self._strategy.stage_of(rank)
        for entry in found.entries:
            number = self.names.setdefault(entry.name, len(self.names))
            if len(entry.parts) != 1 or not entry.header.dtype.is_array:
                file.kept[number] = entry
            else:
                while len(starts) <= number:
                    starts.append(_ABSENT)
                starts[number] = entry.parts[0].start
            self._see(number, stage, entry, found.path)
        self.files.append(file)

    def _see(self, number: int, stage: int, entry: Entry, path: str) -> None:
        if number == len(self.pieces):
            self.pieces.append({})
        seen = self.pieces[number].setdefault(stage, {})
        key = entry.header.dtype.name, entry.header.shape, entry.header.nbytes
        if key not in seen:
            seen[key] = _Piece(entry.header, entry.dims, path)

    def holders(self, number: int) -> dict[int, list[_File]]:
        """The files that have an entry, by rank."""
        found: dict[int, list[_File]] = {}
        for file in self.files:
            if file.holds(number):
                found.setdefault(file.rank, []).append(file)
        return found


_Key = tuple[str, tuple[int, ...], int]


# ---- what they make


class _Ranks:
    """Arranges the pieces of a table; problems go to the opener."""

    def __init__(
        self,
        path: str,
        table: _Table,
        strategy: Strategy | None,
        options: SetOptions,
        opener: SetOpener,
    ) -> None:
        self._path = path
        self._table = table
        self._strategy = strategy
        self._opener = opener
        self._first = options.first
        stated = options.without_replicas
        self._sparse = table.without_replicas if stated is None else stated
        self._reported = 0
        self._is_quiet = False

    def check_ranks(self, files: Mapping[int, Sequence[str]]) -> None:
        """Report ranks that are missing or too many, and a strategy that fits no entry."""
        strategy = self._strategy
        wanted = max(files) + 1 if strategy is None else strategy.ranks
        absent = wanted - sum(rank < wanted for rank in files)
        if absent and not self._sparse:
            each = (rank for rank in range(wanted) if rank not in files)
            first = list(islice(each, errors.SHOWN_RANKS))
            self._report(errors.missing_ranks(self._path, first, absent, wanted, len(files)))
        if strategy is None:
            return
        extra = [rank for rank in files if rank >= wanted]
        if extra:
            self._report(errors.extra_ranks(self._path, extra, wanted))
        names = self._table.names
        if names and not any(strategy.layouts(name) for name in names):
            named = list(strategy.names())
            self._report(errors.foreign_strategy(self._path, strategy.paths[0], named, list(names)))

    def entries(self) -> Iterator[Entry]:
        # what follows from a missing or damaged file is not worth reporting
        self._is_quiet = bool(self._opener.problems)
        if self._is_quiet and not self._opener.lenient:
            return
        for name, number in self._table.names.items():
            if self._reported >= _MOST_PROBLEMS:
                return
            made = self._entry(name, number)
            if made is not None:
                yield made

    def _report(self, problem: Diagnostic) -> None:
        if not self._is_quiet:
            self._reported += 1
            self._opener.problems.append(problem)

    def _entry(self, name: str, number: int) -> Entry | None:
        """The whole entry, or None with the problem reported."""
        layouts = {} if self._strategy is None else self._strategy.layouts(name)
        pieces = self._pieces(name, number, by_stage=bool(layouts))
        holders = self._table.holders(number)
        if pieces is None or (layouts and not self._is_placed(name, layouts, holders)):
            return None
        first = next(iter(pieces.values()))
        layouts = {stage: each.fitted(len(first.header.shape)) for stage, each in layouts.items()}
        if not self._fits(name, layouts, first):
            return None
        if all(each.is_whole for each in layouts.values()):
            files = [file for found in holders.values() for file in found]
            return self._whole(name, number, first, files, laid_out=bool(layouts))
        copies = [
            _Copy(stage, each, pieces[stage].header, self._holders_of(stage, each, holders))
            for stage, each in layouts.items()
            if stage in pieces
        ]
        if not all(self._is_complete(name, copy) for copy in copies):
            return None
        types = {copy.whole.type: copy.stage for copy in copies}
        if len(types) > 1:
            one, other, *_ = types
            origins = pieces[types[other]].origin, pieces[types[one]].origin
            self._report(errors.other_whole(*origins, name, one, other))
            return None
        return self._cut(number, first, copies, laid_out=True)

    def _pieces(self, name: str, number: int, *, by_stage: bool) -> dict[int, _Piece] | None:
        """What the pieces of an entry are in each stage, or None with the problem reported."""
        found: dict[int, _Piece] = {}
        first: _Piece | None = None
        for stage, seen in self._table.pieces[number].items():
            for piece in seen.values():
                if first is not None and piece.header != first.header:
                    types = first.header.type, piece.header.type
                    self._report(errors.other_type(piece.origin, name, *types, first.origin))
                    return None
                first = found.setdefault(stage, piece)
            first = None if by_stage else first
        return found

    def _fits(self, name: str, layouts: Mapping[int, Layout], piece: _Piece) -> bool:
        """Whether the layouts cut the axes that the pieces have."""
        header = piece.header
        for each in layouts.values():
            if each.is_whole or each.rank == len(header.shape) > 0:
                continue
            if not header.dtype.is_array:
                self._report(errors.not_cut(piece.origin, name, f"a {header.dtype.kind}"))
            else:
                self._report(errors.other_axes(piece.origin, name, header.type, each.rank))
            return False
        return True

    def _is_placed(
        self, name: str, layouts: Mapping[int, Layout], holders: Mapping[int, Sequence[_File]]
    ) -> bool:
        """Whether the entry is in the files of its stages only, and in all of them."""
        strategy = self._strategy
        assert strategy is not None
        fine = True
        for rank, files in holders.items():
            stage = strategy.stage_of(rank)
            if rank < strategy.ranks and stage not in layouts:
                self._report(errors.other_stage(files[0].path, name, rank, stage, layouts))
                fine = False
        if self._sparse:
            return fine
        there = {file.rank: file for file in self._table.files}
        for stage, each in layouts.items():
            placed = placement(each)
            for rank in strategy.ranks_of(stage):
                if rank in holders or rank not in there:
                    continue
                local = rank - strategy.ranks_of(stage).start
                same = placed.devices[placed.pieces[local]]
                base = strategy.ranks_of(stage).start
                others = [base + device for device in same if base + device in holders]
                self._report(errors.absent_in_rank(there[rank].path, name, rank, others))
                return False
        return fine

    def _holders_of(
        self, stage: int, each: Layout, holders: Mapping[int, Sequence[_File]]
    ) -> list[list[_File]]:
        """The files that hold each piece, in order of rank."""
        assert self._strategy is not None
        base = self._strategy.ranks_of(stage).start
        return [
            [file for device in devices for file in holders.get(base + device, ())]
            for devices in placement(each).devices
        ]

    def _is_complete(self, name: str, copy: _Copy) -> bool:
        assert self._strategy is not None
        for piece, files in enumerate(copy.holders):
            if not files:
                base = self._strategy.ranks_of(copy.stage).start
                ranks = [base + device for device in placement(copy.layout).devices[piece]]
                self._report(errors.piece_absent(self._path, name, ranks))
                return False
        return True

    def _whole(
        self, name: str, number: int, piece: _Piece, files: list[_File], *, laid_out: bool
    ) -> Entry:
        """An entry that every holder has as a whole."""
        copy = _Copy(0, whole(len(piece.header.shape)), piece.header, [files])
        if number in files[0].kept:
            check = self._check(number, [copy], laid_out)
            entry = files[0].kept[number]
            return entry._replace(source=CheckedBlocks(entry.source, check))
        return self._cut(number, piece, [copy], laid_out=laid_out)

    def _cut(self, number: int, piece: _Piece, copies: Sequence[_Copy], *, laid_out: bool) -> Entry:
        """An entry whose pieces are arranged as the first copy says."""
        grid = copies[0].grid(number, self._check(number, copies, laid_out))
        header = copies[0].whole
        dims = piece.dims if header.shape == piece.header.shape else header.shape
        return Entry(header, dims, grid.whole(), (ByteRange(0, header.nbytes),))

    def _check(self, number: int, copies: Sequence[_Copy], laid_out: bool) -> _Check:
        return _Check(number, () if self._first else tuple(copies), laid_out)


@dataclass(frozen=True)
class _Copy:
    """An entry as the ranks of one stage hold it: what the pieces are, and which files hold each
    piece of the layout."""

    stage: int
    layout: Layout
    piece: HeaderEntry
    holders: list[list[_File]]

    @property
    def whole(self) -> HeaderEntry:
        """The header of the whole entry."""
        piece = self.piece
        if self.layout.is_whole:
            return piece
        shape = tuple(n * cuts for n, cuts in zip(piece.shape, self.layout.grid, strict=True))
        return HeaderEntry(piece.name, piece.dtype, shape, piece.nbytes * prod(self.layout.grid))

    def grid(self, number: int, check: Check | None = None) -> Grid:
        piece = self.piece
        return Grid(
            self.whole.shape,
            piece.nbytes // max(prod(piece.shape), 1),
            (1,) * len(piece.shape) if self.layout.is_whole else self.layout.grid,
            lambda index: self.holders[index][0].block(number, piece.nbytes),
            check or Unchecked(),
        )


@dataclass
class _Check:
    """Compares the replicas of an entry, when it is called first. Raises DiagnosticError."""

    number: int
    copies: tuple[_Copy, ...]
    laid_out: bool
    done: bool = False

    def __call__(self) -> None:
        if self.done:
            return
        for copy in self.copies:
            for piece, files in enumerate(copy.holders):
                for other in files[1:]:
                    self._compare(copy, piece, files[0], other)
        for other_copy in self.copies[1:]:
            self._compare_stages(self.copies[0], other_copy)
        self.done = True

    def _compare(self, copy: _Copy, piece: int, one: _File, other: _File) -> None:
        """The replicas of a piece."""
        nbytes, sizes = copy.piece.nbytes, copy.piece.shape
        blocks = one.block(self.number, nbytes), other.block(self.number, nbytes)
        found = first_difference(blocks, nbytes, copy.piece.dtype)
        if found is not None:
            place = unravel(found.element, sizes)
            if not copy.layout.is_whole:  # seen from the whole tensor
                corner = unravel(piece, copy.layout.grid)
                place = tuple(c * n + at for c, n, at in zip(corner, sizes, place, strict=True))
            self._raise(copy, one, other, place, found.values)

    def _compare_stages(self, one: _Copy, other: _Copy) -> None:
        """The whole tensors of two stages, which may be cut in different ways."""
        mine, theirs = (copy.grid(self.number).whole() for copy in (one, other))
        nbytes = mine.size
        everything = (ByteRange(0, nbytes),)
        blocks = GridBlock(mine, everything), GridBlock(theirs, everything)
        found = first_difference(blocks, nbytes, one.piece.dtype)
        if found is not None:
            place = unravel(found.element, mine.grid.shape)
            self._raise(one, one.holders[0][0], other.holders[0][0], place, found.values)

    def _raise(
        self, copy: _Copy, one: _File, other: _File, place: Iterable[int], values: tuple[str, str]
    ) -> None:
        where = f"[{', '.join(map(str, place))}]"
        name = copy.piece.name
        raise errors.replicas_differ(one.path, name, other.path, where, values, self.laid_out)
