"""How devices share a tensor: MindSpore's tensor layouts.

The devices of a pipeline stage form a mesh, numbered in row-major order. Each tensor axis is cut by
some mesh axes; the remaining mesh axes hold replicas. Optimizer sharding additionally cuts tensor
axis 0 of each piece among the devices that would otherwise hold replicas of it
(docs/format.md, "Sharded checkpoints").
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import accumulate
from math import prod
from operator import mul

from declspore.dataclass import dataclass

_MOST_DEVICES = 1 << 16
"""Four times those of the largest machines that train one network."""


class BadLayout(Exception):
    """A layout that contradicts itself; the text says why."""


@dataclass(frozen=True, slots=True)
class Layout:
    """The layout of one tensor.

    ``mesh`` holds the sizes of the mesh axes, and ``cuts`` the mesh axes (indices into ``mesh``)
    that cut each tensor axis, the most significant first. ``shards`` is how many devices share
    axis 0 of each piece by optimizer sharding (1: not used).
    """

    mesh: tuple[int, ...]
    cuts: tuple[tuple[int, ...], ...]
    shards: int = 1

    @property
    def devices(self) -> int:
        return prod(self.mesh)

    @property
    def rank(self) -> int:
        """The number of tensor axes."""
        return len(self.cuts)

    @property
    def grid(self) -> tuple[int, ...]:
        """How many pieces each tensor axis is cut into."""
        counts = [prod(self.mesh[axis] for axis in axes) for axes in self.cuts]
        if counts:
            counts[0] *= self.shards
        return tuple(counts)

    def fitted(self, rank: int) -> Layout:
        """The layout for a tensor of ``rank`` axes: a strategy file cannot spell a single axis that
        is cut by several mesh axes otherwise than as several axes."""
        if rank == 1 < self.rank:
            cuts = tuple(axis for axes in self.cuts for axis in axes)
            return Layout(self.mesh, (cuts,), self.shards)
        return self

    @property
    def is_whole(self) -> bool:
        """Whether every device holds the whole tensor."""
        return all(count == 1 for count in self.grid)


def layout(
    mesh: Sequence[int],
    tensor_map: Sequence[int | Sequence[int]],
    shard_size: int = 0,
    shard_step: int = 0,
) -> Layout:
    """A layout as MindSpore spells it. Raises BadLayout.

    ``tensor_map`` has an item for each tensor axis: the mesh axis that cuts it, where 0 is the
    *last* mesh axis, -1 for none, or a list of such axes. ``shard_size`` is the number of devices
    of an optimizer shard group (0: none, -1: as many as there are replicas), ``shard_step`` the
    distance between the ranks of two neighbours in it.
    """
    if not mesh or any(size < 1 for size in mesh):
        raise BadLayout(f"the device matrix {list(mesh)} does not have positive sizes")
    if any(devices > _MOST_DEVICES for devices in accumulate(mesh, mul)):
        raise BadLayout(f"its device matrix has more than {_MOST_DEVICES:,} devices")
    cuts = tuple(_mesh_axes(item, len(mesh)) for item in tensor_map)
    used = [axis for axes in cuts for axis in axes if mesh[axis] > 1]
    if len(used) != len(set(used)):
        raise BadLayout(f"the tensor map {list(tensor_map)} uses a mesh axis twice")
    plain = Layout(tuple(mesh), cuts)
    if not shard_size:
        return plain
    replicas = plain.devices // prod(plain.grid)
    shards = replicas if shard_size == -1 else shard_size
    if not cuts:
        raise BadLayout("optimizer sharding needs a tensor axis to cut")
    if shards < 1 or replicas % shards:
        raise BadLayout(f"{shards} optimizer shards do not divide {replicas} replicas")
    if shards > 1 and shard_step != _step(plain):
        raise BadLayout(
            f"neighbours of an optimizer shard group are {_step(plain)} ranks apart on the mesh "
            f"{list(mesh)}, the strategy says {shard_step}"
        )
    return Layout(plain.mesh, cuts, shards)


def whole(rank: int, devices: int = 1) -> Layout:
    """Each of so many devices holds the whole tensor of ``rank`` axes."""
    return Layout((devices,), ((),) * rank)


def _mesh_axes(item: int | Sequence[int], count: int) -> tuple[int, ...]:
    listed = [item] if isinstance(item, int) else item
    axes = [axis for axis in listed if axis != -1]
    if any(not 0 <= axis < count for axis in axes):
        raise BadLayout(f"the tensor map names mesh axis {max(axes)}, the mesh has {count}")
    return tuple(count - 1 - axis for axis in axes)


def _step(plain: Layout) -> int:
    """How far apart in rank the first two devices are that hold the same piece."""
    used = {axis for axes in plain.cuts for axis in axes}
    free = [axis for axis, size in enumerate(plain.mesh) if axis not in used and size > 1]
    return prod(plain.mesh[free[-1] + 1 :]) if free else 1


@dataclass(frozen=True)
class Placement:
    """Which device of a stage holds which piece: ``pieces`` by device, ``devices`` by piece. Pieces
    are numbered in row-major order of the grid."""

    layout: Layout
    pieces: tuple[int, ...]
    devices: tuple[tuple[int, ...], ...]


@lru_cache(256)
def placement(of: Layout) -> Placement:
    """Where the pieces of a layout lie."""
    pieces = tuple(_pieces(of))
    devices: list[list[int]] = [[] for _ in range(prod(of.grid))]
    for device, piece in enumerate(pieces):
        devices[piece].append(device)
    return Placement(of, pieces, tuple(map(tuple, devices)))


def _pieces(of: Layout) -> Iterator[int]:
    used = {axis for axes in of.cuts for axis in axes}
    free = [axis for axis in range(len(of.mesh)) if axis not in used]
    grid = of.grid
    for device in range(of.devices):
        place = unravel(device, of.mesh)
        where = [_ravel(axes, place, of.mesh) for axes in of.cuts]
        if of.shards > 1:
            where[0] = where[0] * of.shards + _ravel(free, place, of.mesh) % of.shards
        yield _ravel(range(len(grid)), where, grid)


def _ravel(axes: Sequence[int], place: Sequence[int], sizes: Sequence[int]) -> int:
    """The row-major index of a place along some axes."""
    index = 0
    for axis in axes:
        index = index * sizes[axis] + place[axis]
    return index


def unravel(index: int, sizes: Sequence[int]) -> tuple[int, ...]:
    """The place that has a row-major index."""
    place = []
    for size in reversed(sizes):
        index, at = divmod(index, size)
        place.append(at)
    return tuple(reversed(place))
