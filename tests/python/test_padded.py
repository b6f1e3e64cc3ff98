"""Batches of rows that differ in size, as MindSpore 2.10 gives them."""

import numpy as np
import pytest

import declspore.dataset as ds

LENGTHS = [1, 5, 2, 7, 3, 3, 8, 1, 2, 6, 4]


def _data():
    def rows():
        for number, size in enumerate(LENGTHS, start=1):
            yield np.full(size, number, np.int32), np.int32(size)

    return ds.GeneratorDataset(rows, ["x", "y"], shuffle=False)


def _batches(data) -> list:
    return [(x.tolist(), y.tolist()) for x, y in data.create_tuple_iterator(output_numpy=True)]


def _filled(numbers, size, value=0):
    rows = ([n] * LENGTHS[n - 1] for n in numbers)
    filled = [(row + [value] * size)[:size] for row in rows]
    return filled, [LENGTHS[n - 1] for n in numbers]


@pytest.mark.parametrize(
    ("pad_info", "sizes", "value"),
    [
        ({}, [5, 7, 8, 6], 0),
        ({"x": ([None], 9)}, [5, 7, 8, 6], 9),
        ({"x": ([10], 9)}, [10] * 4, 9),
        ({"x": ([4], 9)}, [4] * 4, 9),
    ],
)
def test_padded_batch(pad_info, sizes, value):
    groups = [[1, 2, 3], [4, 5, 6], [7, 8, 9], [10, 11]]
    expected = [_filled(group, size, value) for group, size in zip(groups, sizes, strict=True)]
    data = _data().padded_batch(3, pad_info=pad_info)
    assert _batches(data) == expected
    assert data.get_dataset_size() == 4
    assert _batches(_data().padded_batch(3, True, pad_info=pad_info)) == expected[:3]
    with pytest.raises(ValueError, match="different shapes"):
        _batches(_data().padded_batch(3))


BUCKETS = [([4], 7), ([2, 5], 5), ([7], 8), ([1, 3, 8], 2), ([10], 6), ([6, 11], 4), ([9], 2)]


def test_buckets():
    def batched(*more, **named):
        own = named.pop("boundaries", [3, 6]), named.pop("sizes", [3, 2, 1])
        return _data().bucket_batch_by_length(["x"], *own, *more, **named)

    info = {"x": ([None], 0)}
    expected = [_filled(*bucket) for bucket in BUCKETS]
    assert _batches(batched(pad_info=info)) == expected
    assert batched(pad_info=info).get_dataset_size() == 7
    assert _batches(batched(pad_info=info, drop_remainder=True)) == expected[:6]
    halves = batched(lambda x: len(x) // 2, pad_info=info)
    found = [([1, 2, 3], 5), ([4, 7], 8), ([5, 6, 8], 3), ([9, 11], 4), ([10], 6)]
    assert _batches(halves) == [_filled(*bucket) for bucket in found]
    bounded = batched(
        boundaries=[3, 6, 10], sizes=[3, 2, 2, 1], pad_info=info, pad_to_bucket_boundary=True
    )
    found = [([2, 5], 5), ([4, 7], 9), ([1, 3, 8], 2), ([6, 11], 5), ([9], 2), ([10], 9)]
    assert _batches(bounded) == [_filled(*bucket) for bucket in found]
    with pytest.raises(ValueError, match="needs a boundary above every length"):
        _batches(batched(pad_info=info, pad_to_bucket_boundary=True))


def test_mistakes():
    with pytest.raises(ValueError, match="lengths that increase"):
        _data().bucket_batch_by_length(["x"], [3, 3], [1, 1, 1])
    with pytest.raises(ValueError, match="need 2 positive batch sizes"):
        _data().bucket_batch_by_length(["x"], [3], [1])
    with pytest.raises(ValueError, match="needs element_length_function"):
        _data().bucket_batch_by_length(["x", "y"], [3], [1, 1])
    with pytest.raises(ValueError, match="no column is called 'z'"):
        _data().padded_batch(2, pad_info={"z": ([None], 0)})
