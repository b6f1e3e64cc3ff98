"""Boxes of arrays whose pieces lie apart, against NumPy's slices."""

import itertools

import numpy as np
import pytest

from declspore.checkpoint.bytesource import ByteRange
from declspore.checkpoint.sharding import grid as grid_module
from declspore.checkpoint.sharding.grid import BoxBytes, Grid, GridBlock


class Memory:
    concurrent = True

    def __init__(self, data):
        self.data = data
        self.size = len(data)

    def read(self, start, length):
        return self.data[start : start + length]

    def readinto(self, start, target):
        target[:] = self.data[start : start + len(target)]

    def view(self, parts):
        return memoryview(b"".join(self.data[part.start : part.end] for part in parts))


def _blocks(rng, array, cuts):
    """The pieces of an array, each in two parts somewhere in a source."""
    for index in itertools.product(*map(range, cuts)):
        place = tuple(
            slice(i * n // c, (i + 1) * n // c)
            for i, n, c in zip(index, array.shape, cuts, strict=True)
        )
        data = array[place].tobytes()
        cut, pad = int(rng.integers(0, len(data) + 1)), int(rng.integers(0, 4))
        source = Memory(b"x" * pad + data[:cut] + b"yyy" + data[cut:])
        second = pad + cut + 3
        yield GridBlock(source, (ByteRange(pad, pad + cut), ByteRange(second, len(source.data))))


@pytest.mark.parametrize("seed", range(200))
def test_boxes(seed, monkeypatch):
    rng = np.random.default_rng(seed)
    monkeypatch.setattr(grid_module, "_WINDOW", int(rng.choice([8, 64, 1 << 20])))
    axes = int(rng.integers(0, 5))
    cuts = tuple(int(n) for n in rng.choice([1, 1, 2, 3], axes))
    shape = tuple(c * int(rng.integers(1, 4)) for c in cuts)
    type = np.dtype(str(rng.choice(["u1", "u2", "f4", "f8", "c16"])))
    data = rng.bytes(int(np.prod(shape, dtype=int)) * type.itemsize)
    array = np.frombuffer(data, type).reshape(shape)
    blocks = list(_blocks(rng, array, cuts))
    checked = []
    found = Grid(shape, type.itemsize, cuts, blocks.__getitem__, lambda: checked.append(1))
    start = tuple(int(rng.integers(0, n)) for n in shape)
    size = tuple(int(rng.integers(1, n - at + 1)) for at, n in zip(start, shape, strict=True))
    whole = found.whole()
    assert whole.read(0, whole.size) == data
    assert checked
    box = BoxBytes(found, start, size)
    place = tuple(slice(at, at + n) for at, n in zip(start, size, strict=True))
    wanted = array[place].tobytes()
    assert box.read(0, box.size + 9) == wanted
    for _ in range(5):
        first = int(rng.integers(0, len(wanted)))
        last = int(rng.integers(first, len(wanted) + 1))
        assert box.read(first, last - first) == wanted[first:last]
        assert bytes(box.view([ByteRange(first, last)])) == wanted[first:last]
