"""Datasets as epochs of batches."""

import numpy as np
import pytest
import tensorflow as tf

from declspore.training.feed import TrainingData, counted, length_of

ITEMS = [(np.full(2, i, np.float32), np.int32(i)) for i in range(4)]


def _numbers(epoch):
    found = []
    while epoch.more():
        found.append(int(next(epoch.batches)[1]))
        epoch.advance(1)
    return found


def _native(count=4):
    return tf.data.Dataset.from_tensor_slices((np.zeros((count, 2)), np.arange(count)))


def test_an_epoch_of_any_iterable():
    feed = TrainingData(ITEMS)
    assert [_numbers(feed.epoch(number, 0, True)) for number in (1, 2)] == [[0, 1, 2, 3]] * 2
    assert _numbers(feed.epoch(1, 3, True)) == [3]


def test_an_epoch_of_tf_data():
    feed = TrainingData(_native(), 4)
    assert isinstance(feed.epoch(1, 0, True).batches, tf.data.Iterator)
    assert not isinstance(feed.epoch(1, 0, False).batches, tf.data.Iterator)
    for native in (True, False):
        assert _numbers(feed.epoch(1, 0, native)) == [0, 1, 2, 3]
        assert _numbers(feed.epoch(1, 2, native)) == [2, 3]


def test_an_iterator_is_read_one_batch_ahead_at_most():
    taken = []

    def each():
        for item in ITEMS:
            taken.append(item)
            yield item

    epoch = TrainingData(each()).epoch(1, 0, True)
    assert epoch.more()
    assert epoch.more()
    next(epoch.batches)
    assert len(taken) == 1


@pytest.mark.parametrize("item", [(1.0,), (1.0, 2.0, 3.0), 1.0, {"x": 1.0}])
def test_items_are_pairs(item):
    with pytest.raises(TypeError, match="data, label"):
        _numbers(TrainingData(tf.data.Dataset.from_tensors(item)).epoch(1, 0, True))
    with pytest.raises(TypeError, match="data, label"):
        _numbers(TrainingData([item]).epoch(1, 0, True))


def test_lengths():
    unknown = _native().filter(lambda x, y: True)
    assert [length_of(data) for data in (ITEMS, _native(), unknown, iter(ITEMS))] == [
        4,
        4,
        None,
        None,
    ]
    assert [counted(data) for data in (ITEMS, _native(), unknown, iter(ITEMS))] == [4, 4, 4, None]
