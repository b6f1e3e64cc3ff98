"""A dataset of a spec as Keras's ``fit`` takes it."""

from __future__ import annotations

from collections.abc import Iterator

import keras

from declspore.check.datasets import Dataset
from declspore.data.stream import Batch, Batches


class FitBatches(Batches, keras.utils.PyDataset):  # type: ignore[misc]
    """A dataset that ``fit``, ``evaluate`` and ``predict`` take as it is.

    Its batches come in its own order, whatever place is asked for: what a spec shuffles, Keras
    does not shuffle again. Every epoch of Keras is one of the dataset.
    """

    def __init__(self, name: str, dataset: Dataset, seed: int = 0) -> None:
        Batches.__init__(self, name, dataset, seed)
        keras.utils.PyDataset.__init__(self)
        self._number = 0
        self._rest: Iterator[Batch] | None = None

    def __getitem__(self, index: int) -> Batch:
        found = None if self._rest is None else next(self._rest, None)
        if found is None:
            self._rest = iter(self.stream.epoch(max(self._number, 1)).as_numpy_iterator())
            found = next(self._rest)
        return found

    def on_epoch_begin(self) -> None:
        """Begin the next epoch: what Keras looked at before does not count."""
        self._number += 1
        self._rest = None

    def on_epoch_end(self) -> None:
        """Leave the epoch."""
        self._rest = None

    @property
    def num_batches(self) -> int:
        """How many batches an epoch has."""
        return len(self)

    def __repr__(self) -> str:
        return Batches.__repr__(self)
