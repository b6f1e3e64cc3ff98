"""Splits and samplers."""

import numpy as np
import pytest

from declspore.data.stream import Stream
from declspore.flows.order import opened
from tests.data.support import stream
from tests.support import checked, problems


@pytest.fixture
def numbers(here):
    np.savez(here / "n.npz", x=np.arange(100, dtype=np.float32))
    return 'NumpySlices("n.npz", [Column("x")])'


def _epoch(text: str, epoch: int = 1, seed: int = 0) -> list[int]:
    found = stream(text, seed)
    items = [int(x) for x, _ in found.epoch(epoch).as_numpy_iterator()]
    assert len(items) == len(found)
    return items


def test_parts_have_nothing_in_common(numbers):
    parts = [_epoch(f"{numbers} |> part([0.7, 0.2, 0.1], {part}, 5)") for part in range(3)]
    assert [len(part) for part in parts] == [70, 20, 10]
    assert sorted(np.concatenate(parts)) == list(range(100))
    again = f"{numbers} |> part([0.7, 0.2, 0.1], 1, 5)"
    assert _epoch(again, epoch=3, seed=9) == parts[1]
    assert parts[1] != sorted(parts[1])
    assert _epoch(f"{numbers} |> part([0.7, 0.3], 1, randomize = false)") == list(range(70, 100))
    assert _epoch(f"{numbers} |> part([0.5, 0.5], 0) |> shuffle()", 2) != _epoch(
        f"{numbers} |> part([0.5, 0.5], 0) |> shuffle()", 1
    )


@pytest.mark.parametrize(
    ("steps", "reason"),
    [
        ("shuffle() |> part([0.5, 0.5], 0)", "put part before"),
        ("batch(2) |> part([0.5, 0.5], 0)", "divides single samples"),
        ("part([0.5, 0.4], 0)", "add up to 0.9, expected 1"),
        ("part([0.5, 0.5], 2)", "index is 2 of 2"),
        ("SubsetSampler([])", "is empty"),
        ("WeightedRandomSampler([0, 0], 3)", "add up to 0"),
        ("WeightedRandomSampler([0, 1], 3, false)", "3 different samples of 1"),
        ("DistributedSampler(2, 2)", "shard_id is 2 of 2"),
    ],
)
def test_what_does_not_fit(steps, reason):
    found = problems(f"dataset d = Digits() |> {steps}")
    text = "\n".join(found)
    if "put part" in reason:
        assert "the parts would mix" in text
    else:
        assert reason in text


def test_samplers(numbers):
    assert _epoch(f"{numbers} |> SubsetSampler([5, 3, 5])") == [5, 3, 5]
    drawn = _epoch(f"{numbers} |> RandomSampler(num_samples = 30)")
    assert len(set(drawn)) == 30
    assert drawn != _epoch(f"{numbers} |> RandomSampler(num_samples = 30)", 2)
    assert len(_epoch(f"{numbers} |> RandomSampler(true, 300)")) == 300
    weights = [0.0] * 98 + [1.0, 3.0]
    found = _epoch(f"{numbers} |> WeightedRandomSampler({weights}, 4000)")
    assert set(found) == {98, 99}
    assert abs(np.mean(np.array(found) == 99) - 0.75) < 0.03
    only = _epoch(f"{numbers} |> WeightedRandomSampler({weights}, 2, replacement = false)")
    assert sorted(only) == [98, 99]


def test_shards_of_several_processes(numbers):
    for epoch in (1, 2):
        shards = [_epoch(f"{numbers} |> DistributedSampler(3, {i})", epoch) for i in range(3)]
        assert [len(shard) for shard in shards] == [34] * 3
        assert set(np.concatenate(shards)) == set(range(100))
    plain = _epoch(f"{numbers} |> DistributedSampler(3, 1, shuffle = false)")
    assert plain == [i % 100 for i in range(1, 102, 3)]


def test_a_sample_drawn_twice_is_changed_differently():
    text = "Digits() |> SubsetSampler([7, 7]) |> RandomCrop(8, padding = 4) |> batch(2)"
    ((images, _),) = stream(text).epoch(1).as_numpy_iterator()
    assert not np.array_equal(images[0], images[1])


def test_counts_are_known_to_the_plan(numbers):
    for steps, count in (
        ("part([0.75, 0.25], 1)", 25),
        ("RandomSampler(true, 7)", 7),
        ("DistributedSampler(3, 0)", 34),
        ("part([0.75, 0.25], 0) |> batch(10)", 8),
    ):
        dataset = checked(f"dataset d = {numbers} |> {steps}").datasets["d"]
        assert opened(dataset.pipeline).after.count == len(Stream(dataset, 0)) == count
