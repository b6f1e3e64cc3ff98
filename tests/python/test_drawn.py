"""Transforms of which chance takes some, and borders by MindSpore's names."""

import numpy as np
import pytest

import declspore.dataset as ds
from declspore.dataset import transforms, vision


def _add(number):
    return lambda x: x + number


def _found(transform, count=200):
    ds.config.set_seed(1)
    try:
        data = ds.NumpySlicesDataset(np.zeros(count, np.int64), shuffle=False).map(transform)
        return [int(row[0].asnumpy()) for row in data]
    finally:
        ds.config._settings.clear()


def test_each_row_draws_its_own():
    applied = _found(transforms.RandomApply([_add(1), _add(10)], 0.3))
    assert set(applied) == {0, 11}
    assert 30 < applied.count(11) < 90
    chosen = _found(transforms.RandomChoice([_add(1), _add(2), _add(4)]))
    assert set(chosen) == {1, 2, 4}
    assert min(map(chosen.count, (1, 2, 4))) > 40
    ordered = _found(transforms.RandomOrder([_add(1), lambda x: x * 2]))
    assert set(ordered) == {1, 2}
    assert ordered == _found(transforms.RandomOrder([_add(1), lambda x: x * 2]))
    assert _found(transforms.RandomApply([_add(1)], 0), 5) == [0] * 5


def test_of_images():
    image = np.arange(12, dtype=np.uint8).reshape(2, 2, 3)
    flipped = transforms.RandomApply([vision.HorizontalFlip()], 1.0)(image)
    np.testing.assert_array_equal(flipped, image[:, ::-1])
    edge = vision.Pad([1, 0], padding_mode=vision.Border.EDGE)(image)
    np.testing.assert_array_equal(edge, np.pad(image, ((0, 0), (1, 1), (0, 0)), "edge"))
    assert vision.Pad(1, fill_value=7)(image)[0, 0].tolist() == [7, 7, 7]


@pytest.mark.parametrize("given", [[], None, [3]])
def test_what_is_no_list_of_transforms(given):
    with pytest.raises((ValueError, TypeError), match="transforms must be"):
        transforms.RandomChoice(given)
    with pytest.raises(ValueError, match="prob must be from 0 to 1, not 2"):
        transforms.RandomApply([abs], 2)
