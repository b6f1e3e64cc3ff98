"""The door to sharded checkpoints: whatever kind of set a path leads to."""

from __future__ import annotations

import os
from collections.abc import Sequence
from glob import has_magic

from declspore.checkpoint.format import Format
from declspore.checkpoint.reader import Access
from declspore.checkpoint.sharding.folder import index_of
from declspore.checkpoint.sharding.indexed import open_indexed
from declspore.checkpoint.sharding.ranks import open_ranks
from declspore.checkpoint.sharding.sets import SetOpener, SetOptions, ShardedCheckpoint


def is_set(path: str) -> bool:
    """Whether a path leads to a set of files: a folder, an index, or a pattern for rank files."""
    if os.path.isdir(path):
        return True
    if os.path.lexists(path):
        return index_of(path) is not None
    return has_magic(path)


def open_set(
    path: str,
    formats: Sequence[Format],
    options: SetOptions = SetOptions(),  # noqa: B008
    access: Access = Access(),  # noqa: B008
    *,
    lenient: bool = False,
) -> ShardedCheckpoint:
    """Open a set of files as one checkpoint: rank folders, rank files that match a pattern, or
    shards with an index. ``formats`` are those the files may have.

    Raises DiagnosticError with everything that is wrong with the set; with ``lenient`` what can be
    read is opened, and the problems are kept.
    """
    opener = SetOpener(formats, access, lenient)
    index = index_of(path) if options.strategy is None else None
    found = (
        open_ranks(path, opener, options) if index is None else open_indexed(path, index, opener)
    )
    if access.crc:
        found.check_crc()
    return found
