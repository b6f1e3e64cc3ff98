"""What comes depends on the seed, the epoch and the place alone."""

import json

import numpy as np
import pytest
import tensorflow as tf

from declspore.data import graph
from declspore.data.stream import Batches, Stream
from declspore.flows import chance
from declspore.flows.flow import Items
from tests.support import checked

PIPELINES = [
    "shuffle() |> batch(7)",
    "shuffle(50) |> batch(7, drop_remainder = true)",
    "shuffle(50, seed = 3) |> take(100) |> skip(7) |> batch(9)",
    "Rescale(0.5, 0.0) |> batch(16) |> repeat(2) |> shuffle(3) |> take(30)",
    "repeat(2) |> shuffle() |> batch(64)",
    "take(60) |> shuffle() |> cache() |> shuffle() |> batch(8)",
    "shuffle(9)",
]


def _stream(steps: str, seed: int = 0) -> Stream:
    text = f'dataset d = Digits(usage = "test") |> {steps}'
    return Stream(checked(text).datasets["d"], seed)


def _bytes(stream: Stream, epoch: int, skip: int = 0) -> list[bytes]:
    items = stream.epoch(epoch, skip).as_numpy_iterator()
    return [data.tobytes() + labels.tobytes() for data, labels in items]


@pytest.mark.parametrize("steps", PIPELINES)
def test_any_place_can_be_gone_to(steps):
    stream = _stream(steps)
    whole = {epoch: _bytes(stream, epoch) for epoch in (1, 2, 3)}
    assert [len(part) for part in whole.values()] == [len(stream)] * 3
    later = _stream(steps)
    for epoch, skip in ((3, 0), (2, 5), (1, len(stream) - 1), (3, len(stream)), (1, 0)):
        assert _bytes(later, epoch, skip) == whole[epoch][skip:]
    assert (whole[1] == whole[2]) == ("shuffle" not in steps)


@pytest.mark.parametrize("steps", PIPELINES)
def test_threads_change_nothing(steps, monkeypatch):
    expected = _bytes(_stream(steps), 2)
    for threads in (1, 8):
        monkeypatch.setattr(graph.os, "cpu_count", lambda threads=threads: threads)
        assert _bytes(_stream(steps), 2) == expected


def test_the_size_of_batches_changes_nothing():
    def labels(size: int) -> list[int]:
        stream = _stream(f"shuffle(100) |> batch({size})")
        return np.concatenate([y for _, y in stream.epoch(4).as_numpy_iterator()]).tolist()

    assert labels(7) == labels(32) == labels(359)


def test_every_sample_comes_once_an_epoch():
    for steps in ("shuffle()", "shuffle(1)", "shuffle(10)", "shuffle(358)", "shuffle(359)"):
        stream = _stream(f"{steps} |> batch(400)")
        plain = _stream("batch(400)")
        ((images, _),), ((expected, _),) = (s.epoch(1).as_numpy_iterator() for s in (stream, plain))
        ours, theirs = ({image.tobytes() for image in part} for part in (images, expected))
        assert ours == theirs


def test_a_buffer_draws_from_the_next_samples_only():
    """The item at a place comes from the buffer: no later than the buffer's size beyond it."""
    from declspore.transforms.flow import _through_buffer

    order = _through_buffer(1000, 20, chance.StepChance(chance.key(1)))
    assert sorted(order) == list(range(1000))
    assert all(item < place + 20 for place, item in enumerate(order))
    assert np.abs(order - np.arange(1000)).max() > 20


def test_batches_go_through_epochs():
    spec = checked('dataset d = Digits(usage = "test") |> shuffle() |> batch(400)')
    batches = Batches("d", spec.datasets["d"])
    found = [next(iter(batches))[1].tobytes() for _ in range(3)]
    again = [next(batches.stream.epoch(n).as_numpy_iterator())[1].tobytes() for n in (1, 2, 3)]
    assert found == again
    data = batches.tf_data()
    assert int(data.cardinality()) == len(batches) == 1
    assert int(batches.stream.epoch(1, 1).cardinality()) == 0


# ---- random numbers


def test_tensorflow_draws_the_same_bits():
    base = chance.keys(chance.key(3, 4), np.arange(1000))
    found = chance.uniform(tf, tf.constant(base.view(np.int64)), 4).numpy()
    assert found.shape == (1000, 4)
    assert found.dtype == np.float32
    steps = np.arange(1, 5, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15)
    expected = (chance.mix(base[:, None] + steps) >> np.uint64(40)) * 2.0**-24
    np.testing.assert_array_equal(found, expected.astype(np.float32))


def test_draws_are_uniform_and_independent():
    from scipy import stats

    base = chance.keys(chance.key(0), np.arange(10_000))
    draws = chance.uniform(tf, tf.constant(base.view(np.int64)), 3).numpy()
    for column in draws.T:
        assert stats.kstest(column, "uniform").pvalue > 1e-3
    assert np.abs(np.corrcoef(draws.T) - np.eye(3)).max() < 0.05
    assert draws.min() >= 0
    assert draws.max() < 1


def test_keys_differ():
    every = [chance.key(*parts) for parts in ((), (0,), (0, 0), (1,), (0, 1), (1, 0), (2,))]
    assert len(set(every)) == len(every)
    items = [Items.of(1000, chance.key(1, epoch)).keys for epoch in range(10)]
    assert len(np.unique(np.concatenate(items))) == 10_000


def test_an_order_is_a_permutation_and_every_one_is_equally_likely():
    orders = [tuple(chance.StepChance(chance.key(n)).order(3)) for n in range(6000)]
    counts = [orders.count(order) for order in set(orders)]
    assert len(counts) == 6
    assert min(counts) > 850
    assert max(counts) < 1150


# ---- arrays in files


@pytest.fixture
def pairs(here):
    numbers = np.random.default_rng(0).normal(size=(50, 3, 4)).astype(np.float32)
    columns = {"left": numbers, "right": np.asfortranarray(numbers * 2), "same": np.arange(50)}
    np.savez(here / "plain.npz", **columns)
    np.savez_compressed(here / "packed.npz", **columns)
    (here / "folder").mkdir()
    for name, values in columns.items():
        np.save(here / "folder" / f"{name}.npy", values)
    return columns


@pytest.mark.parametrize("path", ["plain.npz", "packed.npz", "folder"])
def test_arrays_are_read_row_by_row(pairs, path):
    columns = '[Column("left", [3, 4]), Column("right", [3, 4])], [Column("same", dtype = i64)]'
    text = f'dataset d = NumpySlices("{path}", {columns}) |> batch(20)'
    stream = Stream(checked(text).datasets["d"], 0, ["right", "left"])
    parts = list(stream.epoch(1).as_numpy_iterator())
    assert [len(labels) for _, labels in parts] == [20, 20, 10]
    for place, name in enumerate(("right", "left")):
        found = np.concatenate([data[place] for data, _ in parts])
        np.testing.assert_array_equal(found, pairs[name])
    np.testing.assert_array_equal(np.concatenate([y for _, y in parts]), pairs["same"])


@pytest.mark.slow
def test_memory_does_not_grow_with_the_file(declspore, here):
    """Half a gigabyte is gone through with less than a hundred megabytes beside TensorFlow."""
    with (here / "big.npy").open("wb") as file:
        header = {"descr": "<f4", "fortran_order": False, "shape": (128_000, 1024)}
        np.lib.format.write_array_header_1_0(file, header)
        file.truncate(file.tell() + 128_000 * 1024 * 4)
    (here / "folder").mkdir()
    (here / "big.npy").rename(here / "folder" / "x.npy")
    script = """
import json, resource, sys
from declspore.check.check import check
from declspore.data.stream import Stream
from declspore.source import Source
text = '''spec 1
dataset d = NumpySlices("folder", [Column("x", [1024])]) |> shuffle() |> batch(256)'''
def anonymous():
    lines = open("/proc/self/smaps_rollup").read().splitlines()
    return sum(int(l.split()[1]) for l in lines if l.startswith("Anonymous:")) / 1024
data = check(Source("t", text)).datasets["d"]
before = anonymous()
most = before
for n, _ in enumerate(Stream(data, 0).epoch(1)):
    if n % 50 == 0:
        most = max(most, anonymous())
print(json.dumps([n + 1, most - before]))
"""
    import subprocess
    import sys

    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    batches, grown = json.loads(done.stdout.splitlines()[-1])
    assert batches == 500
    assert grown < 100
