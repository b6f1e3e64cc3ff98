"""Which files of a folder make a sharded checkpoint.

MindSpore saves the checkpoint of each rank in a folder ``rank_N`` and, of several files there,
takes the last one by name; of safetensors the last one by the numbers of epoch and step. A
checkpoint that was transformed stage by stage has several files that belong together:
``PREFIXN_partS.ckpt``.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping, Sequence
from fnmatch import fnmatchcase
from glob import escape, glob
from typing import NamedTuple

from declspore.checkpoint.matches import files_of
from declspore.checkpoint.mindspore import MINDSPORE
from declspore.checkpoint.safetensors import SAFETENSORS
from declspore.checkpoint.sharding import errors
from declspore.diagnostic import Diagnostic
from declspore.ir.pattern import natural
from declspore.report import DiagnosticError

INDEX_SUFFIX = ".safetensors.index.json"
UNIFIED_INDEX = "param_name_map.json"
SUFFIXES = (MINDSPORE.suffix, SAFETENSORS.suffix)
_RANK = re.compile(r"rank_(\d+)")
_RANK_OF_FILE = re.compile(r"rank_?(\d+)")
_PART = re.compile(r"(.+)_part(\d+)")
_STEP = re.compile(r"-(\d+)_(\d+)$")


class RankFiles(NamedTuple):
    """The files of each rank, and what is wrong with the choice."""

    by_rank: Mapping[int, tuple[str, ...]]
    problems: tuple[Diagnostic, ...]


def index_of(path: str) -> str | None:
    """The path of the index, where a path is one or a folder that has one."""
    if os.path.isfile(path):
        name = os.path.basename(path)
        return path if name.endswith(INDEX_SUFFIX) or name == UNIFIED_INDEX else None
    found = glob(os.path.join(escape(path), f"*{INDEX_SUFFIX}"))
    unified = os.path.join(path, UNIFIED_INDEX)
    found += [unified] if os.path.isfile(unified) else []
    if len(found) > 1:
        raise errors.bad_index(path, f"the folder has {len(found)} of them; name one")
    return found[0] if found else None


def rank_files(path: str, files: str | None) -> RankFiles:
    """The files of each rank: of a folder those in ``rank_N``, of a pattern those that match.

    ``files`` is a pattern for names within the folders. Raises DiagnosticError where there are
    none.
    """
    if not os.path.isdir(path):
        return RankFiles(_matching(path), ())
    folders = _rank_folders(path)
    if not folders:
        raise errors.no_shards(path, "rank_0")
    problems: list[Diagnostic] = []
    listed = {rank: _names(folder, files) for rank, folder in folders.items()}
    suffixes = {os.path.splitext(name)[1] for names in listed.values() for name in names}
    if len(suffixes) > 1:
        raise errors.two_formats(path)
    chosen: dict[int, tuple[str, ...]] = {}
    for rank, names in sorted(listed.items()):
        if names:
            last = _last(folders[rank], names, problems)
            chosen[rank] = tuple(os.path.join(folders[rank], name) for name in last)
    if not chosen:
        raise errors.no_shards(path, f"rank_0/{files or '*.ckpt'}")
    problems += _steps(path, chosen.values())
    return RankFiles(chosen, tuple(problems))


def _rank_folders(path: str) -> dict[int, str]:
    try:
        with os.scandir(path) as entries:
            found = [(entry.name, entry.path) for entry in entries if entry.is_dir()]
    except OSError as error:
        raise errors.unlisted(path, error.strerror or str(error)) from None
    named = ((_RANK.fullmatch(name), folder) for name, folder in found)
    return {int(match[1]): folder for match, folder in named if match}


def _names(folder: str, files: str | None) -> list[str]:
    try:
        names = os.listdir(folder)
    except OSError as error:
        raise errors.unlisted(folder, error.strerror or str(error)) from None
    return sorted(
        name
        for name in names
        if name.endswith(SUFFIXES) and (files is None or fnmatchcase(name, files))
    )


def _last(folder: str, names: Sequence[str], problems: list[Diagnostic]) -> list[str]:
    """The file of a rank, or the files of one that is in parts."""
    if len(names) == 1:
        return list(names)
    parts = [_PART.fullmatch(os.path.splitext(name)[0]) for name in names]
    if all(parts) and len({match[1] for match in parts if match}) == 1:
        return sorted(names, key=natural)
    by_number = max(names, key=_numbers)
    if names[-1].endswith(SAFETENSORS.suffix):
        return [by_number]
    if by_number != names[-1]:
        problems.append(errors.ambiguous(folder, names[-1], by_number))
    return [names[-1]]


def _numbers(name: str) -> tuple[list[int], object]:
    """What MindSpore orders safetensors files by: the last two numbers of the name."""
    return [int(number) for number in re.findall(r"\d+", name)][-2:], natural(name)


def _steps(path: str, chosen: Iterable[Sequence[str]]) -> list[Diagnostic]:
    """A problem where the names state different epochs or steps."""
    seen: dict[tuple[int, ...], str] = {}
    for paths in chosen:
        found = _STEP.search(os.path.splitext(paths[0])[0])
        if found:
            seen.setdefault((int(found[1]), int(found[2])), paths[0])
    if len(seen) < 2:
        return []
    first, *_, last = (seen[step] for step in sorted(seen))
    return [errors.other_step(path, last, first)]


def _matching(pattern: str) -> dict[int, tuple[str, ...]]:
    """The files that match a pattern, by the rank in their names, or in their natural order."""
    paths = sorted(files_of(pattern), key=natural)
    if not paths:
        raise errors.no_matches(pattern)
    numbered = [_RANK_OF_FILE.findall(path) for path in paths]
    if not all(numbered):
        return {rank: (path,) for rank, path in enumerate(paths)}
    found: dict[int, tuple[str, ...]] = {}
    for path, numbers in zip(paths, numbered, strict=True):
        rank = int(numbers[-1])
        if rank in found:
            raise DiagnosticError([errors.rank_twice(pattern, rank, (*found[rank], path))])
        found[rank] = (path,)
    return dict(sorted(found.items()))
