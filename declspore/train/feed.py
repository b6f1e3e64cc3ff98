"""Whatever holds batches, as the engine reads it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain
from typing import Any, Protocol, runtime_checkable

import numpy as np

from declspore.lower.batches import Batch, pairs
from declspore.plan.errors import too_few_rates
from declspore.report import DiagnosticError
from declspore.training.feed import TrainingData, counted, length_of
from declspore.training.optimizing import TrainingOptimizer


@runtime_checkable
class _OfSpec(Protocol):
    """A dataset of a spec."""

    def tf_data(self) -> Iterable[object]: ...


@runtime_checkable
class _OfRows(Protocol):
    """A dataset of ``declspore.dataset``."""

    def as_pairs(self) -> Iterable[object]: ...


@runtime_checkable
class _KnowsFirst(Protocol):
    """Batches that show the first one without being gone through."""

    def first(self) -> object: ...


class PythonFeed:
    """A ``tf.data.Dataset``, a dataset of a spec or an iterable of batches, for some epochs.

    Raises ValueError where an iterator is to last for several epochs.
    """

    def __init__(self, dataset: object, epochs: int) -> None:
        self._given = dataset
        self.batches: Iterable[object] = _batches(dataset)
        self._epochs = epochs
        if epochs > 1 and isinstance(self.batches, Iterator):
            raise ValueError(
                "an iterator can be gone through once only; give a list or a dataset for "
                f"{epochs} epochs"
            )

    def first(self) -> Batch:
        """A batch like the first one, which stays in the data: of a dataset that knows its types,
        zeros. Raises ValueError where there is none."""
        spec = getattr(self.batches, "element_spec", None)
        if isinstance(spec, tuple) and len(spec) == 2:
            return _zeros(spec[0]), _zeros(spec[1])
        if isinstance(self.batches, _KnowsFirst):
            return next(pairs([self.batches.first()]))
        batches = iter(self.batches)
        found = next(batches, None)
        if found is None:
            raise ValueError("the dataset has no batches")
        if isinstance(self.batches, Iterator):
            self.batches = chain([found], batches)
        return next(pairs([found]))

    @property
    def feed(self) -> TrainingData:
        """The batches for the engine."""
        return TrainingData(self.batches, length_of(self.batches))

    def count(self) -> int | None:
        """How many batches an epoch has; counted by going through them where nothing states it."""
        return counted(self.batches)

    def check_rates(self, optimizer: TrainingOptimizer) -> None:
        """Raises DiagnosticError where a list of the optimizer's rates ends before all epochs do:
        of an iterator, whose length nothing states, at the first batch that has no rate."""
        if optimizer.fewest_rates is None:
            return
        batches = self.count()
        if batches is None:
            self.batches = _while_rates_last(self.batches, optimizer)
        else:
            _check_rates(optimizer, batches * self._epochs)


def _batches(dataset: object) -> Any:
    """What is iterated for (data, label): of a dataset of a spec, or of declspore.dataset."""
    if isinstance(dataset, _OfSpec):
        return dataset.tf_data()
    return dataset.as_pairs() if isinstance(dataset, _OfRows) else dataset


def _zeros(spec: Any) -> Any:
    """One item of a ``tf.data`` element, zeros; sizes that are not known are 1."""
    if isinstance(spec, tuple):
        return tuple(map(_zeros, spec))
    shape = [1 if size is None else size for size in spec.shape]
    return np.zeros(shape, spec.dtype.as_numpy_dtype)


def _check_rates(optimizer: TrainingOptimizer, steps: int) -> None:
    rates, steps = optimizer.fewest_rates, optimizer.steps_done + steps
    if rates is not None and rates < steps:
        raise DiagnosticError([too_few_rates(None, rates, steps)])


def _while_rates_last(batches: Iterable[object], optimizer: TrainingOptimizer) -> Iterator[object]:
    for batch in batches:
        _check_rates(optimizer, 1)
        yield batch
