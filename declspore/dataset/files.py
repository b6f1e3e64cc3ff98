"""Rows of files of records and tables, as MindSpore reads them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from enum import Enum
from typing import TypeVar

import numpy as np

from declspore.dataset.config import chance
from declspore.dataset.sources import ByNumber
from declspore.ir.tensors import Numbers
from declspore.numerics.files import paths_of
from declspore.registry.data import Unavailable
from declspore.registry.kind import Misfit
from declspore.spelling import repeated

T = TypeVar("T")


class Shuffle(Enum):
    """What a dataset of files orders by chance (mindspore.dataset.Shuffle): files and rows, files
    alone, rows within each file, or nothing."""

    FALSE = "false"
    ADAPTIVE = "adaptive"
    GLOBAL = "global"
    PARTIAL = "partial"
    FILES = "files"
    INFILE = "infile"


def explained(read: Callable[[], T]) -> T:
    """What ``read`` gives. Raises ValueError where files cannot be read."""
    try:
        return read()
    except (Unavailable, Misfit) as error:
        helps = getattr(error, "helps", ()) or ()
        raise ValueError(f"{error}{f'; {helps[0]}' if helps else ''}") from None


def as_given(files: str | Sequence[str]) -> str | tuple[str, ...]:
    """A path or a pattern, or several, as sources of specs have them."""
    return files if isinstance(files, str) else tuple(files)


def sorted_paths(files: str | Sequence[str]) -> tuple[str, ...]:
    """The files that paths and patterns mean, by name. Raises ValueError where there are none."""
    return explained(lambda: tuple(sorted(paths_of(as_given(files)))))


def distinct(names: Sequence[str]) -> list[str]:
    """The names of columns. Raises ValueError where one comes twice."""
    if (twice := repeated(names)) is not None:
        raise ValueError(f"the column {twice!r} comes twice")
    return list(names)


class OfFiles(ByNumber):
    """Rows of several files, one file after the other: those of one shard, where there are several,
    in random order unless ``shuffle`` is False."""

    def __init__(
        self,
        names: Sequence[str],
        counts: Sequence[int],
        num_samples: int | None,
        shuffle: bool | Shuffle | None,
        num_shards: int | None,
        shard_id: int | None,
        sampler: Iterable[int] | None = None,
        by_files: bool = False,
    ) -> None:
        """``counts`` are the rows of each file. With ``by_files`` a shard has whole files."""
        if num_samples is not None and (type(num_samples) is not int or num_samples < 0):
            raise ValueError(f"num_samples must be an integer from 0, not {num_samples!r}")
        if shuffle is not None and not isinstance(shuffle, bool | Shuffle):
            raise TypeError(f"shuffle must be a bool or one of Shuffle, not {shuffle!r}")
        if num_shards is not None and shard_id is not None and not 0 <= shard_id < num_shards:
            raise ValueError(f"shard_id must be from 0 to {num_shards - 1}, not {shard_id!r}")
        if by_files and num_shards is not None and len(counts) < num_shards:
            raise ValueError(
                f"{len(counts)} files make no {num_shards} shards; shard_equal_rows=True divides "
                "rows"
            )
        how = {None: Shuffle.GLOBAL, True: Shuffle.GLOBAL, False: Shuffle.FALSE}
        self._how = shuffle if isinstance(shuffle, Shuffle) else how[shuffle]
        both = None if sampler is None or shuffle is None else True
        super().__init__(names, num_samples or None, both, sampler, num_shards, shard_id)
        self._counts, self._by_files = list(counts), by_files

    def count(self) -> int:
        return sum(self._counts)

    def _numbers(self, epoch: int) -> Numbers:
        if self._sampler is not None:
            return super()._numbers(epoch)
        draws = chance("source", epoch)
        ends = np.cumsum(self._counts)
        files = [np.arange(end - n, end) for end, n in zip(ends, self._counts, strict=True)]
        shards, own = self._shard
        if self._by_files:
            files = files[own::shards]
        if self._how is Shuffle.FILES:
            files = [files[place] for place in draws.permutation(len(files))]
        elif self._how is Shuffle.INFILE:
            files = [draws.permutation(file) for file in files]
        rows = np.concatenate([np.zeros(0, np.int64), *files])
        if not self._by_files and shards > 1:
            each = -(-len(rows) // shards)
            rows = np.resize(rows, each * shards)[own * each : (own + 1) * each]
        if self._how not in (Shuffle.FALSE, Shuffle.FILES, Shuffle.INFILE):
            rows = draws.permutation(rows)
        return rows[: self._limit]
