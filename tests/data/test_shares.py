"""The parts of batches that devices share."""

import numpy as np
import pytest

from declspore.data.part import Part
from declspore.data.stream import Stream
from tests.support import checked

PIPELINES = {
    "plain": 'Digits(usage = "test") |> HWC2CHW() |> shuffle(100) |> batch(50)',
    "dropped": 'Digits(usage = "test") |> HWC2CHW() |> batch(50, drop_remainder = true)',
    "random": "Digits() |> RandomCrop([8, 8], padding = 1) |> HWC2CHW() |> batch(61)",
    "mixed": 'Digits(usage = "test") |> OneHot(10) |> batch(50) |> MixUpBatch(0.5)',
}


@pytest.mark.parametrize("name", PIPELINES)
@pytest.mark.parametrize("many", [2, 3, 7])
def test_parts_make_up_the_batch(name, many):
    """One after the other they are the batches that one device has, each with its place."""
    dataset = checked(f"dataset d = {PIPELINES[name]}").datasets["d"]
    whole = list(Stream(dataset, 3).epoch(2, 2).as_numpy_iterator())
    streams = [Stream(dataset, 3, part=Part(n, many)) for n in range(many)]
    parts = [list(each.epoch(2, 2).as_numpy_iterator()) for each in streams]
    for (data, labels), *found in zip(whole, *parts, strict=True):
        counts = [end - begin for _, _, (begin, end, _) in found]
        assert max(counts) - min(counts) <= 1
        assert [tuple(place)[2] for *_, place in found] == [len(labels)] * many
        for expected, at in ((data, 0), (labels, 1)):
            joined = np.concatenate([f[at][:c] for f, c in zip(found, counts, strict=True)])
            np.testing.assert_array_equal(joined, expected)


def test_an_empty_part_has_a_sample_that_does_not_count():
    text = 'dataset d = Digits(usage = "test") |> batch(358)'
    dataset = checked(text).datasets["d"]  # 359 items: the last batch has one
    found = [list(Stream(dataset, 0, part=Part(n, 2)).epoch(1))[-1] for n in range(2)]
    assert [place.numpy().tolist() for *_, place in found] == [[0, 0, 1], [0, 1, 1]]
    assert [len(labels) for _, labels, _ in found] == [1, 1]
