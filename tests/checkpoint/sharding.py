"""Sharded checkpoints for tests, cut by NumPy from the definition of a layout."""

import itertools
import os
from dataclasses import dataclass
from math import prod
from pathlib import Path

import numpy as np
import pytest

from declspore.checkpoint.safetensors import SAFETENSORS
from declspore.checkpoint.sharding.layout import Layout, layout
from declspore.checkpoint.sharding.open import open_set
from declspore.checkpoint.sharding.sets import SetOptions
from declspore.checkpoint.sharding.strategy import Strategy, as_json, protobuf
from declspore.plan.files import formats
from declspore.report import DiagnosticError
from tests.checkpoint.support import written


def opened_set(path, *, lenient=False, **options):
    return open_set(str(path), formats(), SetOptions(**options), lenient=lenient)


@dataclass(frozen=True)
class Cut:
    """A layout as MindSpore spells it, and a definition of its own of which device has what."""

    mesh: tuple
    map: tuple
    shards: int = 0

    @property
    def layout(self) -> Layout:
        return layout(self.mesh, self.map, self.shards, self.step)

    @property
    def axes(self):
        """The mesh axes that cut each tensor axis, from the left."""
        listed = [each if isinstance(each, tuple | list) else (each,) for each in self.map]
        return [[len(self.mesh) - 1 - axis for axis in one if axis != -1] for one in listed]

    @property
    def free(self):
        used = {axis for one in self.axes for axis in one}
        return [axis for axis, n in enumerate(self.mesh) if axis not in used and n > 1]

    @property
    def step(self):
        return prod(self.mesh[self.free[-1] + 1 :]) if self.shards and self.free else 0

    @property
    def counts(self):
        found = [prod(self.mesh[axis] for axis in one) for one in self.axes]
        if self.shards and found:
            found[0] *= self.shards
        return tuple(found)

    def piece(self, array, device):
        """What a device holds of an array."""
        place = np.unravel_index(device, self.mesh)
        for axis, one in enumerate(self.axes):
            for mesh_axis in one:  # the most significant first
                pieces = np.split(array, self.mesh[mesh_axis], axis)
                array = pieces[place[mesh_axis]]
        if self.shards:
            index = 0
            for axis in self.free:
                index = index * self.mesh[axis] + place[axis]
            array = np.split(array, self.shards, 0)[index % self.shards]
        return array

    def first_holder(self, device):
        """The lowest device with the same piece."""
        probe = np.arange(prod(self.counts)).reshape(self.counts)
        mine = self.piece(probe, device)
        return next(
            other
            for other in range(prod(self.mesh))
            if np.array_equal(self.piece(probe, other), mine)
        )


def strategy_of(stages):
    """The strategy of stages, each a dict of cuts by name."""
    layouts = tuple({name: cut.layout for name, cut in stage.items()} for stage in stages)
    (devices,) = {each.devices for stage in layouts for each in stage.values()}
    return Strategy(layouts, devices)


def write_strategy(path, stages):
    strategy = strategy_of(stages)
    if str(path).endswith(".json"):
        Path(path).write_text(as_json(strategy))
    else:
        Path(path).write_bytes(protobuf(strategy))
    return str(path)


def pieces_of(values, stages, rank, *, sparse=False):
    """What a rank holds of values; ``sparse``: of several replicas the first alone."""
    devices = {prod(cut.mesh) for stage in stages for cut in stage.values()}.pop()
    stage, device = divmod(rank, devices)
    everywhere = {name for each in stages for name in each}
    found = {}
    for name, value in values.items():
        cut = stages[stage].get(name)
        if cut is None and name in everywhere:
            continue
        if cut is None:
            found[name] = value
        elif not sparse or cut.first_holder(device) == device:
            found[name] = np.array(cut.piece(value, device), order="C")
    return found


def write_ranks(folder, values, stages, *, suffix=".ckpt", sparse=False, name="net", **options):
    """Rank folders as MindSpore writes them."""
    devices = {prod(cut.mesh) for stage in stages for cut in stage.values()}.pop()
    for rank in range(devices * len(stages)):
        place = Path(folder, f"rank_{rank}")
        place.mkdir(parents=True, exist_ok=True)
        path = place / f"{name}{rank}{suffix}"
        if suffix == ".safetensors":
            options["format"] = SAFETENSORS
        written(path, pieces_of(values, stages, rank, sparse=sparse), **options)
    return str(folder)


def random_cut(rng, axes, mesh):
    """A random layout of a tensor with so many axes on a mesh."""
    free = [axis for axis in range(len(mesh)) if rng.random() < 0.8]
    rng.shuffle(free)
    taken = [[] for _ in range(axes)]
    for axis in free:
        if axes and rng.random() < 0.75:
            taken[int(rng.integers(axes))].append(len(mesh) - 1 - axis)
    map = tuple(tuple(one) if len(one) > 1 else one[0] if one else -1 for one in taken)
    cut = Cut(tuple(mesh), map)
    replicas = prod(mesh) // prod(cut.counts)
    if axes and replicas > 1 and rng.random() < 0.5:
        sizes = [n for n in range(2, replicas + 1) if replicas % n == 0]
        return Cut(cut.mesh, map, int(rng.choice(sizes)))
    return cut


def random_mesh(rng, devices):
    """Up to three axes whose product is the number of devices."""
    mesh = []
    for _ in range(int(rng.integers(0, 3))):
        size = int(rng.choice([n for n in range(1, devices + 1) if devices % n == 0]))
        mesh.append(size)
        devices //= size
    mesh.append(devices)
    return tuple(mesh)


def combinations(*options):
    return list(itertools.product(*options))


def tree(folder):
    """Every file below a folder, with its bytes."""
    return {
        os.path.relpath(path, folder): path.read_bytes()
        for path in sorted(Path(folder).rglob("*"))
        if path.is_file()
    }


def said_of(path="src", strategy="s.ckpt", **options):
    """What opening, or else reading, such a set says."""
    with pytest.raises(DiagnosticError) as error:
        opened_set(path, strategy=strategy, **options).load()
    return str(error.value)
