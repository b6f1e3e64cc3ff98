"""Strategy files: the layout of every parameter, as MindSpore saves it next to a training.

A file is a protobuf message or, with the suffix ``.json``, its JSON form. A pipeline has one file
for each stage; merged into one, names carry the stage: ``1-fc.weight``.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import field
from glob import has_magic
from typing import Any, NamedTuple

from declspore.checkpoint.filebytes import FileBytes
from declspore.checkpoint.matches import files_of
from declspore.checkpoint.sharding import errors
from declspore.checkpoint.sharding.layout import BadLayout, Layout, layout
from declspore.checkpoint.sharding.schema import strategy_map
from declspore.dataclass import dataclass
from declspore.diagnostic import Diagnostic
from declspore.report import DiagnosticError
from declspore.untrusted_json import MALFORMED, parsed

JSON = ".json"
_LARGEST = 1 << 30
_MERGED = re.compile(r"([0-9]{1,9})-(.+)", re.S)
_MOST_STAGES = 1 << 16


@dataclass(frozen=True)
class Strategy:
    """The layouts of all pipeline stages, by parameter name. ``paths`` are the files read."""

    stages: tuple[Mapping[str, Layout], ...]
    devices: int
    """Of a stage; all stages have the same number."""
    paths: tuple[str, ...] = field(default=(), compare=False)

    @property
    def ranks(self) -> int:
        return self.devices * len(self.stages)

    def stage_of(self, rank: int) -> int:
        return rank // self.devices

    def ranks_of(self, stage: int) -> range:
        return range(stage * self.devices, (stage + 1) * self.devices)

    def layouts(self, name: str) -> dict[int, Layout]:
        """The layouts of a parameter by stage; most have one stage, shared ones several."""
        found = ((stage, layouts.get(name)) for stage, layouts in enumerate(self.stages))
        return {stage: layout for stage, layout in found if layout is not None}

    def names(self) -> Iterator[str]:
        seen: set[str] = set()
        for layouts in self.stages:
            for name in layouts:
                if name not in seen:
                    seen.add(name)
                    yield name


def read_strategy(pattern: str) -> Strategy:
    """Read a strategy file, or all files that match a pattern: the stages of a pipeline.

    Raises DiagnosticError with everything that is wrong with them.
    """
    paths = [pattern]
    if not os.path.lexists(pattern) and has_magic(pattern):
        paths = files_of(pattern) or paths
    files = [_read(path) for path in paths]
    stages = _stages(files)
    counts = {each.devices: name for layouts in stages for name, each in layouts.items()}
    if len(counts) > 1:
        raise errors.bad_strategy(paths[0], "its layouts have different numbers of devices", counts)
    return Strategy(tuple(stages), next(iter(counts)), tuple(paths))


class _Item(NamedTuple):
    """A parameter of a file, before it is understood."""

    name: str
    mesh: Sequence[int]
    tensor_map: Sequence[int | Sequence[int]]
    shard_size: int
    shard_step: int
    by_field: bool


class _File(NamedTuple):
    """The layouts of a strategy file by stage. ``merged``: its names carry their stages."""

    path: str
    merged: bool
    stages: Mapping[int, Mapping[str, Layout]]


def _stages(files: Sequence[_File]) -> list[Mapping[str, Layout]]:
    """The layouts of all stages in order."""
    found: dict[int, Mapping[str, Layout]] = {}
    origin: dict[int, str] = {}
    for file in files:
        for stage, layouts in file.stages.items():
            if stage in found and found[stage] != layouts:
                raise errors.stage_twice(file.path, origin[stage], stage)
            found[stage] = layouts
            origin[stage] = file.path
    count = max(found) + 1
    absent = [stage for stage in range(count) if stage not in found]
    if absent:
        raise errors.absent_stage(files[0].path, absent, sorted(found))
    return [found[stage] for stage in range(count)]


def _read(path: str) -> _File:
    file = FileBytes(path)
    try:
        if file.size > _LARGEST:
            raise errors.bad_strategy(path, "it has more than a gigabyte")
        data = file.read(0, file.size)
    finally:
        file.close()
    stage, items = _from_json(path, data) if path.endswith(JSON) else _from_protobuf(path, data)
    found = list(items)
    if not found:
        raise errors.bad_strategy(path, "it does not contain any layout")
    named = [_MERGED.fullmatch(item.name) for item in found]
    merged = all(named)
    stages: dict[int, dict[str, Layout]] = {}
    problems: list[Diagnostic] = []
    for item, match in zip(found, named, strict=True):
        key, name = (int(match[1]), match[2]) if merged and match else (stage, item.name)
        made = _layout(path, item)
        if isinstance(made, Diagnostic):
            problems.append(made)
        elif not 0 <= key < _MOST_STAGES:
            problems.append(errors.bad_layout(path, item.name, f"it is of stage {key}"))
        elif stages.setdefault(key, {}).setdefault(name, made) != made:
            problems.append(errors.layout_twice(path, item.name))
    if problems:
        raise DiagnosticError(problems)
    return _File(path, merged, stages)


def _layout(path: str, item: _Item) -> Layout | Diagnostic:
    if item.by_field:
        return errors.bad_layout(path, item.name, "it is cut by fields, which is not supported")
    try:
        return layout(item.mesh, item.tensor_map, item.shard_size, item.shard_step)
    except BadLayout as error:
        return errors.bad_layout(path, item.name, str(error))


# ---- protobuf


def _from_protobuf(path: str, data: bytes) -> tuple[int, Iterable[_Item]]:
    from google.protobuf.message import DecodeError

    message = strategy_map()()
    try:
        message.ParseFromString(data)
    except DecodeError:
        raise errors.bad_strategy(path, "it is not a strategy file of MindSpore") from None
    stage = message.strategies[0].strategies.stage if message.strategies else 0
    items = [_item(found) for found in message.layouts]
    if any(isinstance(item.name, bytes) for item in items):
        raise errors.bad_strategy(path, "a name in it is not UTF-8")
    return stage, items


def _item(found: Any) -> _Item:
    layouts = found.layouts
    maps = [list(axes.dim) for axes in layouts.tensor_map]
    return _Item(
        found.name,
        list(layouts.mesh[0].dim) if layouts.mesh else [],
        # one message for the whole tensor, or one for each of its axes
        maps if len(maps) > 1 else maps[0] if maps else [],
        layouts.shard_size,
        layouts.shard_step,
        bool(layouts.field) or any(split.dim for split in layouts.split_shape),
    )


def protobuf(strategy: Strategy) -> bytes:
    """The strategy as a file of MindSpore; several stages are merged."""
    message = strategy_map()(current_stage=1)
    for stage, layouts in enumerate(strategy.stages):
        for name, of in layouts.items():
            prefix = f"{stage}-" if len(strategy.stages) > 1 else ""
            node = message.strategies.add(node=name)
            node.strategies.stage = stage
            node.strategies.cuts.add(dim=of.grid)
            item = message.layouts.add(name=prefix + name).layouts
            item.mesh.add(dim=of.mesh)
            for axes in _tensor_maps(of):
                item.tensor_map.add(dim=axes)
            item.split_shape.add()
            item.offsets.add()
            item.shard_size, item.shard_step = _shards(of)
    found: bytes = message.SerializeToString()
    return found


def _tensor_maps(of: Layout) -> list[list[int]]:
    """A single message with an axis each; a message for each axis where one is cut by several."""
    rows = [[len(of.mesh) - 1 - axis for axis in axes] or [-1] for axes in of.cuts]
    if any(len(row) > 1 for row in rows):
        return rows
    return [[axis for row in rows for axis in row]]


def _shards(of: Layout) -> tuple[int, int]:
    """The size and step of the optimizer shard groups."""
    if of.shards == 1:
        return 0, 0
    used = {axis for axes in of.cuts for axis in axes}
    last = max(axis for axis, size in enumerate(of.mesh) if axis not in used and size > 1)
    step = 1
    for size in of.mesh[last + 1 :]:
        step *= size
    return of.shards, step


# ---- JSON


def _from_json(path: str, data: bytes) -> tuple[int, Iterable[_Item]]:
    try:
        table = parsed(data)
        nodes = list(table.get("parallel_strategy_item", {}).values())
        items = [_from_table(*row) for row in table["parallel_layout_item"].items()]
        stage = nodes[0].get("stage", 0) if nodes else 0
        if type(stage) is not int:
            raise ValueError(f"{stage!r} is not a stage")
    except MALFORMED as error:
        reason = f"it is not a strategy file of MindSpore ({type(error).__name__}: {error})"
        raise errors.bad_strategy(path, reason) from None
    return stage, items


def _from_table(name: str, found: Mapping[str, Any]) -> _Item:
    mesh, tensor_map = found["dev_matrix"], found["tensor_map"]
    flat = [axis for item in tensor_map for axis in (item if isinstance(item, list) else [item])]
    size, step = (found.get(f"opt_weight_shard_{word}") or 0 for word in ("size", "step"))
    for number in (*mesh, *flat, size, step):
        if type(number) is not int:
            raise ValueError(f"{number!r} of {name} is not an integer")
    by_field = bool(found.get("field")) or bool(found.get("param_split_shape"))
    return _Item(name, mesh, tensor_map, size, step, by_field)


def as_json(strategy: Strategy) -> str:
    """The strategy as a JSON file of MindSpore; several stages are merged."""
    nodes: dict[str, object] = {}
    items: dict[str, object] = {}
    for stage, layouts in enumerate(strategy.stages):
        prefix = f"{stage}-" if len(strategy.stages) > 1 else ""
        for name, of in layouts.items():
            maps = _tensor_maps(of)
            size, step = _shards(of)
            nodes[f"{prefix}{name}"] = {"stage": stage, "parallel_strategy": [list(of.grid)]}
            items[f"{prefix}{name}"] = {
                "dev_matrix": list(of.mesh),
                "tensor_map": maps[0] if len(maps) == 1 else maps,
                "param_split_shape": [],
                "indices_offset": [],
                "field": 0,
                "opt_weight_shard_step": step,
                "opt_weight_shard_size": size,
            }
    table = {
        "current_stage": 1,
        "parallel_strategy_item": nodes,
        "parallel_layout_item": items,
    }
    return json.dumps(table)
