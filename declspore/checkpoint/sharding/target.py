"""What a sharded checkpoint to be written will consist of: known from headers alone."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import field
from math import prod
from typing import NamedTuple

from declspore.checkpoint.format import Format
from declspore.checkpoint.sharding import errors
from declspore.checkpoint.sharding.folder import INDEX_SUFFIX, SUFFIXES, UNIFIED_INDEX
from declspore.checkpoint.sharding.index import index_text
from declspore.checkpoint.sharding.indexed import HYPER
from declspore.checkpoint.sharding.layout import Layout, placement, unravel
from declspore.checkpoint.sharding.strategy import Strategy, read_strategy
from declspore.dataclass import dataclass
from declspore.diagnostic import Diagnostic
from declspore.ir.header import HeaderEntry
from declspore.report import DiagnosticError

HUGGING_FACE = "huggingface"
UNIFIED = "unified"
PREFIX = "checkpoint_"
WORKING_SET = 64 << 20
"""Memory that writing a file of a set needs at most, whatever the size of tensors."""
SHARD_BYTES = 5_000_000_000
"""As Hugging Face's ``save_pretrained``."""


@dataclass(frozen=True)
class Target:
    """How a set is written.

    With a ``strategy`` (a path or a pattern) into rank folders, as ``rank_N/PREFIXN``; without one
    as safetensors with an index, of the form ``style``, in shards of at most ``shard_bytes``.
    ``without_replicas``: each piece is written for one of the ranks that could hold it.
    """

    path: str
    format: Format
    strategy: str | None = None
    style: str = HUGGING_FACE
    prefix: str = PREFIX
    shard_bytes: int = SHARD_BYTES
    without_replicas: bool = False

    def replaceable(self, name: str) -> bool:
        """Whether a file of the folder (a path seen from it) is one such a set may have."""
        prefix = re.escape(self.prefix)
        suffixes = "|".join(map(re.escape, SUFFIXES))
        patterns = (
            rf"rank_\d+/{prefix}\d+({suffixes})",
            r"model-\d+-of-\d+\.safetensors",
            rf"model{re.escape(INDEX_SUFFIX)}",
            r"part\d+\.safetensors",
            re.escape(HYPER),
            re.escape(UNIFIED_INDEX),
        )
        return any(re.fullmatch(pattern, name) for pattern in patterns)


class Box(NamedTuple):
    """A part of an entry: where it begins, and its shape."""

    start: tuple[int, ...]
    shape: tuple[int, ...]


class Part(NamedTuple):
    """An entry in a file of the set: its number among all, and the box of it; None: all of it."""

    entry: int
    box: Box | None


@dataclass(frozen=True)
class SetPlan:
    """The files of a set by their paths within its folder, what is in each, and the text of the
    index. ``nbytes`` is the size of the values in all files."""

    files: Mapping[str, tuple[Part, ...]]
    nbytes: int
    index: tuple[str, str] | None = None
    unlaid: frozenset[str] = field(default=frozenset())
    """Entries that the strategy does not mention: they are whole on every rank."""


def plan_set(target: Target, entries: Sequence[HeaderEntry]) -> SetPlan:
    """The files that entries are written to. Raises DiagnosticError with every entry that the
    strategy cannot cut."""
    if target.strategy is None:
        return _plan_shards(target, entries)
    return _plan_ranks(target, entries, read_strategy(target.strategy))


def _plan_ranks(target: Target, entries: Sequence[HeaderEntry], strategy: Strategy) -> SetPlan:
    layouts = [strategy.layouts(entry.name) for entry in entries]
    problems: list[Diagnostic] = []
    for entry, by_stage in zip(entries, layouts, strict=True):
        for each in by_stage.values():
            problem = _problem(target.path, entry, each)
            if problem is not None:
                problems.append(problem)
                break
    if entries and not any(layouts):
        named, held = list(strategy.names()), [entry.name for entry in entries]
        problems.append(errors.foreign_strategy(target.path, strategy.paths[0], named, held))
    if problems:
        raise DiagnosticError(problems)
    # as MindSpore: what the strategy mentions first, each in the order of the input
    order = sorted(range(len(entries)), key=lambda number: not layouts[number])
    files: dict[str, tuple[Part, ...]] = {}
    nbytes = 0
    for rank in range(strategy.ranks):
        stage, device = divmod(rank, strategy.devices)
        parts = []
        for number in order:
            part = _part(target, number, entries[number], layouts[number], stage, device)
            if part is not None:
                parts.append(part)
                nbytes += nbytes_of(entries[number], part)
        suffix = target.format.suffix
        files[f"rank_{rank}/{target.prefix}{rank}{suffix}"] = tuple(parts)
    unlaid = (entry.name for entry, found in zip(entries, layouts, strict=True) if not found)
    return SetPlan(files, nbytes, unlaid=frozenset(unlaid))


def _plan_shards(target: Target, entries: Sequence[HeaderEntry]) -> SetPlan:
    """Entries in their order, a new shard where the next one would be too large.

    Hugging Face's shards know how many there are, MindSpore's are only numbered.
    """
    shards: list[list[int]] = [[]]
    room = target.shard_bytes
    for number, entry in enumerate(entries):
        if shards[-1] and entry.nbytes > room:
            shards.append([])
            room = target.shard_bytes
        shards[-1].append(number)
        room -= entry.nbytes
    is_hugging_face = target.style == HUGGING_FACE
    files: dict[str, tuple[Part, ...]] = {}
    listed: dict[str, str] = {}
    for index, numbers in enumerate(shards):
        name = (
            f"model-{index + 1:05}-of-{len(shards):05}.safetensors"
            if is_hugging_face
            else f"part{index}.safetensors"
        )
        files[name] = tuple(Part(number, None) for number in numbers)
        listed |= dict.fromkeys((entries[number].name for number in numbers), name)
    nbytes = sum(entry.nbytes for entry in entries)
    if is_hugging_face:
        text = index_text(dict(sorted(listed.items())), nbytes, indent=2)
        return SetPlan(files, nbytes, (f"model{INDEX_SUFFIX}", text))
    return SetPlan(files, nbytes, (UNIFIED_INDEX, index_text(listed, nbytes, indent=4)))


def _problem(path: str, entry: HeaderEntry, layout: Layout) -> Diagnostic | None:
    """Why a layout cannot cut an entry, if so."""
    if layout.is_whole:
        return None
    if not entry.dtype.is_array:
        return errors.not_cut(path, entry.name, f"a {entry.dtype.kind}")
    fitted = layout.fitted(len(entry.shape))
    if fitted.rank != len(entry.shape):
        return errors.other_axes(path, entry.name, entry.type, layout.rank)
    if any(size % cuts for size, cuts in zip(entry.shape, fitted.grid, strict=True)):
        return errors.uncut(path, entry.name, entry.type, fitted.grid)
    return None


def _part(
    target: Target,
    number: int,
    entry: HeaderEntry,
    layouts: Mapping[int, Layout],
    stage: int,
    device: int,
) -> Part | None:
    """What a rank holds of an entry; None where it is in other stages, or another rank has it."""
    if not layouts:
        return Part(number, None)
    if stage not in layouts:
        return None
    layout = layouts[stage].fitted(len(entry.shape))
    placed = placement(layout)
    piece = placed.pieces[device]
    if target.without_replicas and placed.devices[piece][0] != device:
        return None
    if layout.is_whole:
        return Part(number, None)
    grid = layout.grid
    shape = tuple(size // cuts for size, cuts in zip(entry.shape, grid, strict=True))
    place = unravel(piece, grid)
    start = tuple(at * size for at, size in zip(place, shape, strict=True))
    return Part(number, Box(start, shape))


def nbytes_of(entry: HeaderEntry, part: Part) -> int:
    """The size of a part of an entry."""
    if part.box is None:
        return entry.nbytes
    return entry.nbytes // prod(entry.shape) * prod(part.box.shape) if entry.nbytes else 0
