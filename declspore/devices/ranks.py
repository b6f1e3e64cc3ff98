"""A group of ranks over their connections."""

from __future__ import annotations

import json
from itertools import pairwise
from typing import cast

from declspore.devices.group import Array, Json
from declspore.devices.mesh import Mesh

_SMALL = 1 << 15
"""Arrays of up to so many bytes are sent whole: a second exchange would take longer."""


class Ranks:
    """The other processes, as :class:`declspore.devices.group.Group` describes them.

    Values between steps travel as JSON. Arrays are added in the order of the ranks: each rank adds
    up one part of the array and sends the sum to all others, so that a rank sends and receives
    2 (n - 1) / n times the array.
    """

    def __init__(self, mesh: Mesh, spans_machines: bool = False) -> None:
        self._mesh, self._spans_machines = mesh, spans_machines
        self._room, self._kept = -1, dict[int, memoryview]()

    @property
    def rank(self) -> int:
        return self._mesh.rank

    @property
    def size(self) -> int:
        return self._mesh.size

    @property
    def spans_machines(self) -> bool:
        return self._spans_machines

    @property
    def step(self) -> int:
        return self._mesh.step

    @step.setter
    def step(self, step: int) -> None:
        self._mesh.step = step

    def check(self) -> None:
        self._mesh.check()

    def gathered(self, value: Json) -> list[Json]:
        own = json.dumps(value).encode()
        found = self._all(memoryview(own))
        return [json.loads(bytes(each)) for each in found]

    def agreed(self, value: Json) -> Json:
        return self.gathered(value if self.rank == 0 else None)[0]

    def shared(self, array: Array) -> Array:
        import numpy as np

        own = np.ascontiguousarray(array).reshape(-1)
        empty = memoryview(b"")
        if own.nbytes <= _SMALL:
            found = self._all(_bytes(own) if self.rank == 0 else empty)[0]
            return np.frombuffer(found, own.dtype).reshape(array.shape)
        # each rank hands a part on to all others, so that rank 0 does not send all of it to each
        pieces = self._pieces(own)
        sent = {
            rank: _bytes(piece) if self.rank == 0 else empty
            for rank, piece in enumerate(pieces)
            if rank != self.rank
        }
        received = self._mesh.swap(sent)
        mine = _bytes(pieces[0]) if self.rank == 0 else memoryview(received[0])
        parts = [np.frombuffer(part, own.dtype) for part in self._all(mine)]
        return np.concatenate(parts).reshape(array.shape)

    def sum(self, array: Array) -> Array:
        import numpy as np

        own = np.ascontiguousarray(array).reshape(-1)
        if own.nbytes <= _SMALL:
            every = self._all(_bytes(own))
            return self._added([np.frombuffer(each, own.dtype) for each in every], array.shape)
        pieces, whole = self._pieces(own), np.empty_like(own)
        found = self._mesh.swap(
            {rank: _bytes(piece) for rank, piece in enumerate(pieces) if rank != self.rank},
            self._rooms(pieces[self.rank].nbytes),
        )
        parts = [pieces[self.rank]] * self.size
        for rank, received in found.items():
            parts[rank] = np.frombuffer(received, own.dtype)
        sums = self._pieces(whole)
        sums[self.rank][:] = self._added(parts, pieces[self.rank].shape)
        others = {rank: _bytes(each) for rank, each in enumerate(sums) if rank != self.rank}
        self._mesh.swap(dict.fromkeys(others, _bytes(sums[self.rank])), others)
        return cast("Array", whole.reshape(array.shape))

    def _rooms(self, nbytes: int) -> dict[int, memoryview]:
        """Memory for a part of each other rank; that of the last sum, where it has the size: memory
        that is new costs more than what is received into it."""
        import numpy as np

        if nbytes != self._room:
            others = (rank for rank in range(self.size) if rank != self.rank)
            self._room = nbytes
            self._kept = {rank: np.empty(nbytes, np.uint8).data for rank in others}
        return self._kept

    def rows(self, array: Array) -> Array:
        import numpy as np

        own = np.ascontiguousarray(array)
        parts = [
            np.frombuffer(part, own.dtype).reshape(-1, *own.shape[1:])
            for part in self._all(_bytes(own))
        ]
        return np.concatenate(parts)

    def _pieces(self, flat: Array) -> list[Array]:
        """A vector in as many parts as there are ranks."""
        ends = [flat.size * rank // self.size for rank in range(self.size + 1)]
        return [flat[begin:end] for begin, end in pairwise(ends)]

    def _added(self, parts: list[Array], shape: tuple[int, ...]) -> Array:
        import numpy as np

        total = np.array(parts[0])
        with np.errstate(all="ignore"):  # an overflow is found by what checks gradients
            for part in parts[1:]:
                np.add(total, part, out=total)
        return cast("Array", total.reshape(shape))

    def _all(self, own: memoryview) -> list[memoryview]:
        """What all ranks give, in their order."""
        others = range(self.size)
        found = self._mesh.swap({rank: own for rank in others if rank != self.rank})
        return [own if rank == self.rank else found[rank] for rank in others]


def _bytes(array: Array) -> memoryview:
    import numpy as np

    return array.reshape(-1).view(np.uint8).data if array.size else memoryview(b"")
