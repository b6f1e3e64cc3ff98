"""Shards with an index as one checkpoint: every entry whole, in one of the files."""

from __future__ import annotations

import os
import re
from collections import defaultdict
from collections.abc import Iterator

from declspore.checkpoint.reader import Entry
from declspore.checkpoint.sharding import errors
from declspore.checkpoint.sharding.index import Index, read_index
from declspore.checkpoint.sharding.pool import ShardBytes
from declspore.checkpoint.sharding.sets import SetOpener, ShardedCheckpoint
from declspore.report import DiagnosticError

HYPER = "hyper_param.safetensors"
"""MindSpore's file for entries without a layout, next to ``param_name_map.json``."""
_MOST_PROBLEMS = 100


def open_indexed(path: str, index_path: str, opener: SetOpener) -> ShardedCheckpoint:
    """The shards that an index lists as one checkpoint, in the order of the index.

    Raises DiagnosticError with everything that is wrong with index and shards.
    """
    index = read_index(index_path)
    for name in dict.fromkeys(index.twice):
        opener.problems.append(errors.listed_twice(index_path, name))
    listed: defaultdict[str, list[str]] = defaultdict(list)
    for name, shard in index.shards.items():
        listed[shard].append(name)
    found = _Shards(index, opener)
    for shard, names in listed.items():
        found.add(shard, names)
    hyper = found.extra(HYPER) if os.path.basename(index_path) == "param_name_map.json" else []
    found.check(listed)
    entries = [found.entries[name] for name in index.shards if name in found.entries]
    count = len(opener.shards)
    label = f"safetensors of {count} shard{'' if count == 1 else 's'}"
    return opener.finished(path, label, [*entries, *hyper], (index_path,))


class _Shards:
    """The entries of all shards, held against the index."""

    def __init__(self, index: Index, opener: SetOpener) -> None:
        self._index = index
        self._opener = opener
        self._folder = os.path.dirname(index.path)
        self._at: dict[str, str] = {}
        self._absent: set[str] = set()
        self._missing: dict[str, list[str]] = {}
        self.entries: dict[str, Entry] = {}

    def add(self, shard: str, names: list[str]) -> None:
        path = os.path.join(self._folder, shard)
        if not os.path.lexists(path):
            self._missing[shard] = names
            return
        found = self._opener.index(path)
        for entry in () if found is None else found.entries:
            if entry.name in self._at:
                self._report(errors.in_two_shards, entry.name, self._at[entry.name], shard)
                continue
            self._at[entry.name] = shard
            self.entries[entry.name] = entry
        if found is None or found.problems:
            self._absent.update(names)

    def extra(self, shard: str) -> list[Entry]:
        """The entries of a file that the index need not list."""
        path = os.path.join(self._folder, shard)
        if shard in self._index.shards.values() or not os.path.lexists(path):
            return []
        found = self._opener.index(path)
        return [] if found is None else [e for e in found.entries if e.name not in self.entries]

    def check(self, listed: dict[str, list[str]]) -> None:
        """Report entries that are elsewhere, files that do not belong, and a wrong total."""
        strays = list(_strays(self._folder, listed))
        if any(name not in self._at for name in self._index.shards):
            strays = [stray for stray in strays if not self._explains(stray)]
        for shard, names in self._missing.items():
            places = sorted({self._at[name] for name in names if name in self._at})
            problem = errors.missing_shard(self._index.path, shard, names, places)
            self._opener.problems.append(problem)
        before = len(self._opener.problems)
        for name, shard in self._index.shards.items():
            if shard in self._missing:
                continue
            at = self._at.get(name)
            if at is None and name not in self._absent:
                known = (each for each, where in self._at.items() if where == shard)
                problem = errors.not_in_shard(self._index.path, name, shard, known)
                self._opener.problems.append(problem)
            elif at is not None and at != shard:
                self._report(errors.in_other_shard, name, shard, at)
            if len(self._opener.problems) - before >= _MOST_PROBLEMS:
                return
        for name, at in self._at.items():
            if name not in self._index.shards:
                self._report(errors.not_indexed, name, at)
        for stray in strays:
            self._opener.problems.append(errors.stray_shard(self._index.path, stray))
        total = sum(entry.header.nbytes for entry in self.entries.values())
        stated = self._index.total
        if stated is not None and stated != total and not self._opener.problems:
            self._opener.problems.append(errors.wrong_total(self._index.path, stated, total))

    def _explains(self, stray: str) -> bool:
        """Whether a file that is not listed has entries that are missing from the listed ones."""
        shard = ShardBytes(os.path.join(self._folder, stray), self._opener.pool)
        try:
            names = [entry.name for entry in self._opener.open(shard).entries]
        except DiagnosticError:
            return False
        found = [name for name in names if name in self._index.shards and name not in self._at]
        self._at.update(dict.fromkeys(found, stray))
        return bool(found)

    def _report(self, problem: errors.OfEntry, *about: str) -> None:
        self._opener.problems.append(problem(self._index.path, *about))


def _strays(folder: str, listed: dict[str, list[str]]) -> Iterator[str]:
    """Files that are named like the listed ones but for their numbers, and are not listed."""
    patterns = {
        re.sub(r"\d+", r"\\d+", re.escape(shard)) for shard in listed if re.search(r"\d", shard)
    }
    for name in sorted(os.listdir(folder or ".")):
        if name not in listed and any(re.fullmatch(pattern, name) for pattern in patterns):
            yield name
