"""Which rows of a source are read, and in which order."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from declspore.dataset.config import chance
from declspore.ir.tensors import Numbers


class Sampler:
    """Base class of samplers (mindspore.dataset.Sampler): ``__iter__`` gives the numbers of rows.

    ``dataset_size`` is how many rows there are.
    """

    def __init__(self, num_samples: int | None = None) -> None:
        self.num_samples = num_samples
        self.dataset_size = 0

    def __iter__(self) -> Iterator[int]:
        raise NotImplementedError

    def numbers(self, count: int, epoch: int) -> Numbers:
        """The numbers of the rows of an epoch."""
        self.dataset_size = count
        return np.asarray(list(self), np.int64)[: self.num_samples]


class SequentialSampler(Sampler):
    """Rows in their order, from ``start_index`` on."""

    def __init__(self, start_index: int | None = None, num_samples: int | None = None) -> None:
        super().__init__(num_samples)
        self._start = start_index or 0

    def numbers(self, count: int, epoch: int) -> Numbers:
        return np.arange(self._start, count)[: self.num_samples]


class RandomSampler(Sampler):
    """Rows in random order; with ``replacement`` a row may come several times."""

    def __init__(self, replacement: bool = False, num_samples: int | None = None) -> None:
        super().__init__(num_samples)
        self._replacement = replacement

    def numbers(self, count: int, epoch: int) -> Numbers:
        draws = chance("sampler", epoch)
        if self._replacement:
            return draws.integers(0, count, self.num_samples or count)
        return draws.permutation(count)[: self.num_samples]


class SubsetSampler(Sampler):
    """The rows of these numbers, in this order."""

    def __init__(self, indices: Sequence[int], num_samples: int | None = None) -> None:
        super().__init__(num_samples)
        self._indices = np.asarray(indices, np.int64)

    def numbers(self, count: int, epoch: int) -> Numbers:
        return self._indices[: self.num_samples]


class SubsetRandomSampler(SubsetSampler):
    """The rows of these numbers, in random order."""

    def numbers(self, count: int, epoch: int) -> Numbers:
        return chance("sampler", epoch).permutation(self._indices)[: self.num_samples]


class WeightedRandomSampler(Sampler):
    """Rows drawn by their weights."""

    def __init__(
        self, weights: Sequence[float], num_samples: int | None = None, replacement: bool = True
    ) -> None:
        super().__init__(num_samples)
        self._weights, self._replacement = np.asarray(weights, np.float64), replacement

    def numbers(self, count: int, epoch: int) -> Numbers:
        shares = self._weights / self._weights.sum()
        size = self.num_samples or count
        draws = chance("sampler", epoch)
        return draws.choice(len(shares), size, self._replacement, shares)


class DistributedSampler(Sampler):
    """Every ``num_shards``-th row, from ``shard_id`` on."""

    def __init__(
        self, num_shards: int, shard_id: int, shuffle: bool = True, num_samples: int | None = None
    ) -> None:
        super().__init__(num_samples)
        self._shards, self._own, self._shuffle = num_shards, shard_id, shuffle

    def numbers(self, count: int, epoch: int) -> Numbers:
        order = chance("sampler", epoch).permutation(count) if self._shuffle else np.arange(count)
        return order[self._own :: self._shards][: self.num_samples]
