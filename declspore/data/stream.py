"""A checked dataset as batches from any place of any epoch."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import TypeAlias

import numpy as np
import tensorflow as tf

from declspore.check.datasets import Dataset, Labels
from declspore.data.graph import Epochs
from declspore.data.part import Part
from declspore.data.picture import Picture, grid
from declspore.flows.opened import Opened
from declspore.flows.order import opened, part_seed, stored_at
from declspore.flows.steps import StepMisfit
from declspore.ir.tensors import Columns, Tensor
from declspore.ir.term import Term
from declspore.registry.data import Arrays, Element, SourceKind, Unavailable
from declspore.registry.kind import Misfit
from declspore.registry.table import vocabulary

Batch: TypeAlias = tuple[Columns, Columns]
"""Data and labels, as arrays."""

_AHEAD = 2
"""Batches that are ready before they are asked for."""


class Stream:
    """The batches of a dataset (its items, where it makes no batches), as (data, labels): a tensor
    each, or a tuple of those of several columns; columns of data in the order of a network's
    ``inputs``, where those are given.

    What comes depends on the seed, the number of the epoch and the place in it alone, so that a
    training can continue at any step. With a ``part``, what comes is (data, labels, place): that
    part of each batch, and where in the batch it lies (:meth:`declspore.data.part.Part.places`).

    Raises :class:`declspore.registry.data.Unavailable` where the
    source cannot be read.
    """

    def __init__(
        self,
        dataset: Dataset,
        seed: int,
        inputs: Sequence[str] = (),
        steps: Sequence[Term] | None = None,
        part: Part | None = None,
        labels: Labels | None = None,
    ) -> None:
        """``steps`` take the place of the dataset's own; ``labels`` says what the
        numbers of classes may be."""
        source = dataset.pipeline.source
        kind = vocabulary().of(SourceKind, source.word)
        self.damaged = kind.damaged(source.arguments)
        """How many items of the source are left out, since they are damaged."""
        try:
            found = _after_stores(opened(dataset.pipeline, steps), seed)
        except StepMisfit as error:  # known from the files alone
            raise Unavailable(f"{error.term.word}: {error}", error.help) from None
        places = _places(dataset.element, inputs)
        self._epochs = Epochs(found, seed, places, part, labels)
        self._spec: object = None
        number = tf.TensorSpec((), tf.int64)
        # AutoGraph would take seconds to find that no `if` or loop depends on a tensor
        self._variant = tf.function(
            tf.autograph.experimental.do_not_convert(self._traced),
            input_signature=[number, number],
            autograph=False,
        )

    def __len__(self) -> int:
        """How many batches an epoch has."""
        return len(self._epochs.flow(0))

    def epoch(self, number: int, skip: int = 0) -> tf.data.Dataset:
        """The batches of an epoch, counted from 1, without the first ``skip``, which are not
        read."""
        variant = self._variant(*(tf.constant(n, tf.int64) for n in (number, skip)))
        found = tf.data.experimental.from_variant(variant, self._spec)
        found.stream = self  # whose functions it calls, and which nothing else may hold
        return _counted(found, len(self) - skip)

    @tf.autograph.experimental.do_not_convert  # type: ignore[untyped-decorator]
    def epochs(self) -> tf.data.Dataset:
        """A dataset whose first iterator gives the first epoch, and every other the one after."""
        numbers = iter(range(1, 1 << 62))

        def following(_: object) -> object:
            return tf.numpy_function(lambda: np.int64(next(numbers)), [], tf.int64)

        one = tf.data.Dataset.range(1).map(following)
        found = one.flat_map(lambda number: self._epochs.dataset(number, tf.zeros((), tf.int64)))
        return _counted(found, len(self))

    @contextmanager
    def explained(self) -> Iterator[None]:
        """Raises Unavailable where an item could not be read, in place of TensorFlow's error."""
        try:
            yield
        except tf.errors.OpError:
            if self._epochs.failure.reason is None:
                raise
            raise self._epochs.failure.reason from None

    def _traced(self, number: Tensor, skip: Tensor) -> object:
        found = self._epochs.dataset(number, skip)
        self._spec = found.element_spec
        return tf.data.experimental.to_variant(found)


class Batches:
    """A dataset of a spec for Python: iterate it for (data, label) NumPy batches, or take
    ``tf_data()`` into Keras. Every iteration is an epoch."""

    def __init__(self, name: str, dataset: Dataset, seed: int = 0) -> None:
        self.name = name
        self._dataset = dataset
        self._seed = seed
        self._stream: Stream | None = None
        self._epochs: tf.data.Dataset | None = None

    @property
    def element(self) -> Element:
        """Types of data and label."""
        return self._dataset.element

    @property
    def stream(self) -> Stream:
        """The batches from any place of any epoch."""
        if self._stream is None:
            self._stream = Stream(self._dataset, self._seed)
        return self._stream

    def tf_data(self) -> tf.data.Dataset:
        """The pipeline as a ``tf.data.Dataset``; the same object at each call."""
        if self._epochs is None:
            self._epochs = self.stream.epochs()
        return self._epochs

    def show(self, items: int = 16, epoch: int = 1) -> Picture:
        """A picture of the first items of an epoch, starting from 1, with their labels; a notebook
        displays it. Raises Unavailable where items are not images or cannot be read."""
        source = self._dataset.pipeline.source
        names = vocabulary().of(SourceKind, source.word).classes(source.arguments)
        try:
            with self.stream.explained():
                found = self.stream.epoch(epoch).as_numpy_iterator()
                return Picture(grid(found, names, batched=self.element.batched, count=items))
        except Misfit as error:
            raise Unavailable(str(error), error.help) from None

    def __iter__(self) -> Iterator[Batch]:
        return iter(self.tf_data().as_numpy_iterator())

    def __len__(self) -> int:
        return len(self.stream)

    def __repr__(self) -> str:
        return f"<dataset {self.name}: {self._dataset.pipeline}>"


def _counted(dataset: tf.data.Dataset, count: int) -> tf.data.Dataset:
    return dataset.apply(tf.data.experimental.assert_cardinality(count)).prefetch(_AHEAD)


def _places(element: Element, inputs: Sequence[str]) -> list[int] | None:
    names = [column.name for column in element.inputs]
    if len(names) < 2 or not inputs or list(inputs) == names:
        return None
    return [names.index(name) for name in inputs]


def _after_stores(found: Opened, seed: int) -> Opened:
    """What follows the last step that keeps what the steps before it give."""
    parts = (_after_stores(part, part_seed(seed, place)) for place, part in enumerate(found.parts))
    found = replace(found, parts=tuple(parts))
    place = stored_at(found.steps)
    if place is None:
        return found
    stored = _stored(Epochs(_after_stores(found.until(place), seed), seed))
    element = replace(found.steps[place].before, count=len(stored.columns[0]))
    return Opened(found.source, element, (), found.steps[place + 1 :], stored)


def _stored(epochs: Epochs) -> Arrays:
    """The items of the first epoch in memory."""
    one, none = (tf.constant(n, tf.int64) for n in (1, 0))
    parts = [tf.nest.flatten(item) for item in epochs.dataset(one, none).as_numpy_iterator()]
    return Arrays(tuple(np.stack(column) for column in zip(*parts, strict=True)))
