"""Which device holds which piece."""

import numpy as np
import pytest

from declspore.checkpoint.sharding.layout import BadLayout, layout, placement, unravel, whole
from tests.checkpoint.sharding import Cut, random_cut, random_mesh


def test_axes_are_counted_from_the_right():
    """Mesh [2, 4]: axis 1 of the tensor is cut by the first mesh axis."""
    found = placement(layout([2, 4], [-1, 1]))
    assert found.layout.grid == (1, 2)
    assert found.pieces == (0, 0, 0, 0, 1, 1, 1, 1)
    assert found.devices == ((0, 1, 2, 3), (4, 5, 6, 7))


def test_one_axis_cut_by_two():
    found = placement(layout([2, 2, 2], [[0, 2], -1]))
    assert found.layout.grid == (4, 1)
    # the last mesh axis is the more significant one
    assert found.pieces == (0, 2, 0, 2, 1, 3, 1, 3)


def test_optimizer_shards():
    """Two of four replicas share each piece; neighbours in a group are `step` apart."""
    found = placement(layout([4, 2], [0, -1], 2, 2))
    assert found.layout.grid == (4, 1)
    assert found.pieces == (0, 2, 1, 3, 0, 2, 1, 3)
    everything = layout([4, 2], [0, -1], -1, 2)
    assert everything.grid == (8, 1)


def test_whole():
    assert whole(2, 8).is_whole
    assert placement(whole(2, 8)).devices == (tuple(range(8)),)
    assert unravel(5, (2, 3)) == (1, 2)


@pytest.mark.parametrize(
    ("mesh", "map", "size", "step", "said"),
    [
        ([], [-1], 0, 0, "positive"),
        ([2, 0], [-1], 0, 0, "positive"),
        ([2], [1], 0, 0, "mesh axis 1, the mesh has 1"),
        ([2], [-2], 0, 0, "mesh axis -2"),
        ([2, 2], [0, 0], 0, 0, "twice"),
        ([4], [-1], 3, 1, "3 optimizer shards do not divide 4 replicas"),
        ([4], [-1], 2, 2, "1 ranks apart"),
        ([4], [], 2, 1, "needs a tensor axis"),
    ],
)
def test_contradictions(mesh, map, size, step, said):
    with pytest.raises(BadLayout, match=said):
        layout(mesh, map, size, step)


@pytest.mark.parametrize("seed", range(50))
def test_placement_is_the_definition(seed):
    rng = np.random.default_rng(seed)
    mesh = random_mesh(rng, int(rng.choice([1, 2, 4, 6, 8, 12, 16])))
    cut = random_cut(rng, int(rng.integers(0, 4)), mesh)
    probe = np.arange(int(np.prod(cut.counts, dtype=int))).reshape(cut.counts)
    found = placement(cut.layout)
    assert found.layout.grid == cut.counts
    for device, piece in enumerate(found.pieces):
        assert cut.piece(probe, device).item() == piece


def test_a_cut_of_the_tests_is_a_layout():
    assert Cut((2, 4), (-1, 1)).layout == layout([2, 4], [-1, 1])
