"""A checked dataset as an iterable of batches."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import tensorflow as tf

from declspore.check.datasets import Dataset
from declspore.ir.term import Arguments
from declspore.registry.data import Element, SourceKind, TransformKind
from declspore.registry.table import vocabulary

Batch = tuple[Any, Any]


def build(dataset: Dataset, seed: int, inputs: Sequence[str] = ()) -> tf.data.Dataset:
    """The pipeline as a ``tf.data.Dataset`` of (data, labels), a tuple each where there are
    several columns; columns of data in the order of a network's ``inputs``, where those are given.

    Shuffles that name no seed take one from ``seed`` and their place. Raises
    :class:`declspore.registry.data.Unavailable` where the source cannot be read.
    """
    source = dataset.pipeline.source
    kind = vocabulary().of(SourceKind, source.word)
    flowing = kind.open(tf, source.arguments)
    element = kind.element(source.arguments)
    for index, step in enumerate(dataset.pipeline.steps):
        transform = vocabulary().of(TransformKind, step.word)
        arguments = _seeded(step.arguments, seed * 1009 + index)
        flowing = transform.apply(tf, arguments, flowing, element)
        element = transform.infer(arguments, element)
    names = [column.name for column in element.inputs]
    if len(names) > 1 and inputs and list(inputs) != names:
        places = [names.index(name) for name in inputs]
        flowing = flowing.map(lambda data, labels: (tuple(data[p] for p in places), labels))
    return flowing.prefetch(tf.data.AUTOTUNE)


def _seeded(arguments: Arguments, seed: int) -> Arguments:
    if "seed" in arguments and arguments.seed is None:
        return Arguments(arguments, seed=seed)
    return arguments


class Batches:
    """A dataset of a spec for Python: iterate it for (data, label) NumPy batches, or take
    ``tf_data()`` into Keras. Every iteration is an epoch."""

    def __init__(self, name: str, dataset: Dataset, seed: int = 0) -> None:
        self.name = name
        self._dataset = dataset
        self._seed = seed
        self._built: tf.data.Dataset | None = None

    @property
    def element(self) -> Element:
        """Types of data and label."""
        return self._dataset.element

    def tf_data(self) -> tf.data.Dataset:
        """The pipeline as a ``tf.data.Dataset``; the same object at each call."""
        if self._built is None:
            self._built = build(self._dataset, self._seed)
        return self._built

    def __iter__(self) -> Iterator[Batch]:
        return iter(self.tf_data().as_numpy_iterator())

    def __len__(self) -> int:
        return int(self.tf_data().cardinality())

    def __repr__(self) -> str:
        return f"<dataset {self.name}: {self._dataset.pipeline}>"
