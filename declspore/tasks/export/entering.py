"""What enters a file that prepares its inputs: the items of a dataset before the steps it holds."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import numpy as np

from declspore.check.datasets import Dataset
from declspore.data.stream import Stream
from declspore.exports.format import Runtime
from declspore.exports.preparing import Preparation, preparation
from declspore.ir.tensors import Array
from declspore.lower.batches import pairs


def entries(dataset: Dataset, held: Preparation) -> Iterator[Sequence[Array]]:
    """The items of an epoch one by one, as batches of one, in the order of the dataset."""
    own = preparation(dataset, held.enters)
    stream = Stream(dataset, 0, steps=own.before)
    with stream.explained():
        for data, _ in pairs(stream.epoch(1)):
            yield (np.array([data], object) if held.takes_files else np.asarray(data)[None],)


def answered(run: Runtime, items: Iterable[Sequence[Array]]) -> tuple[Array, ...]:
    """What a file answers for items, whose sizes may differ, as one batch."""
    found = [run(item) for item in items]
    return tuple(np.concatenate(parts) for parts in zip(*found, strict=True))
