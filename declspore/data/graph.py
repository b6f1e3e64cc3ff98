"""The epochs of a pipeline as a graph of ``tf.data``."""

from __future__ import annotations

import os
from collections.abc import Sequence

import numpy as np
import tensorflow as tf

from declspore.check.datasets import Labels
from declspore.data.failure import Failure
from declspore.data.in_numpy import NumpySteps
from declspore.data.labels import Refusing
from declspore.data.padding import by_buckets, fitted, padded, window
from declspore.data.part import Part
from declspore.data.reading import OpenedSource
from declspore.data.units import Changer, Unit, changes_of, is_single
from declspore.flows.flow import Batches, Items, table
from declspore.flows.opened import Opened
from declspore.flows.order import Flow, flow
from declspore.flows.steps import Step
from declspore.ir.tensors import Array, Tensor, Tensors
from declspore.registry.data import BucketKind, GroupKind, Padding

_CHUNK = 64
"""So many items are read at once where they are not batched as they are read."""


class Epochs:
    """The batches of any epoch of a pipeline; its items, where it makes no batches."""

    def __init__(
        self,
        opened: Opened,
        seed: int,
        places: Sequence[int] | None = None,
        part: Part | None = None,
        labels: Labels | None = None,
    ) -> None:
        """``places`` is the order of columns of data at the end. With a ``part``, only that part of
        each batch comes, and its place after it. What ``labels`` excludes is
        refused."""
        self.flow = flow(opened, seed)
        self.failure = Failure()
        self._source = OpenedSource(opened, self.failure)
        self._merges = bool(opened.parts)
        self._one_by_one = self._merges or self._source.varies
        self._changer = Changer(opened.place, self.failure)
        self._places = places
        self._refusing = labels and Refusing(labels, opened.place, self.failure)
        steps = opened.steps
        kinds = GroupKind | BucketKind
        group = next((i for i, s in enumerate(steps) if isinstance(s.kind, kinds)), len(steps))
        self._batched = group < len(steps)
        self._size, self._keeps_last = _CHUNK, True
        self._padding: Padding | None = None
        self._buckets = False
        if self._batched:
            self._set_group(steps[group])
        of_items = changes_of(steps[:group], opened.before_steps)
        self._of_batches = changes_of(steps[group:])
        # where items must be taken one by one, all steps are done while an item is in the cache
        single = self._one_by_one or self._padding is not None
        self._first = None if single else NumpySteps.of(opened, of_items, self.failure)
        if self._first is not None:
            of_items = of_items[len(self._first.changes) :]
        single = single or any(is_single(change.step) for change in of_items)
        self._alone, self._together = (of_items, []) if single else ([], of_items)
        self._single = single
        self._keys = max(opened.until(group).drawing, 1)
        self._batch_keys = max(sum(change.step.draws > 0 for change in self._of_batches), 1)
        self._columns = steps[group].before if self._batched else None
        self._width = (opened.width,) if self._merges else ()
        self._part, self._reads_part = part, False
        if part is not None and self._batched and not (self._padding or self._of_batches):
            self._reads_part = True
            self._size, self._keeps_last = part.most(self._size), True

    def _set_group(self, step: Step) -> None:
        kind, arguments = step.kind, step.arguments
        assert isinstance(kind, GroupKind | BucketKind)
        self._padding = kind.padding(arguments, step.before)
        if isinstance(kind, BucketKind):
            self._buckets, self._keeps_last = True, False
            return
        self._size, self._keeps_last = kind.size(arguments), kind.keeps_last(arguments)

    def dataset(self, number: Tensor, skip: Tensor) -> tf.data.Dataset:
        """An epoch, counted from 1, without its first batches. Both are tensors."""
        whole = self._whole(number, skip)
        if self._part is None:
            return whole
        found = tf.numpy_function(self._part_of, [number, skip], tf.int64)
        places = tf.data.Dataset.from_tensor_slices(tf.ensure_shape(found, (None, 3)))
        return tf.data.Dataset.zip((whole, places)).map(self._placed)

    def _whole(self, number: Tensor, skip: Tensor) -> tf.data.Dataset:
        flowing = self._flowing(number, skip)
        if not self._single:
            done = flowing.map(lambda *unit: self._finish(self._read(*unit)), **_threads())
            return done if self._batched else done.unbatch()
        changed = self._items(flowing).map(
            lambda *unit: tuple(self._changer.changed(self._alone, Unit(*unit))), **_threads()
        )
        if not self._batched:
            return changed.map(lambda *unit: self._in_order(Unit(*unit)))
        return self._grouped(changed).map(
            lambda *unit: self._finish(_gathered(Unit(*unit))), **_threads()
        )

    def _grouped(self, items: tf.data.Dataset) -> tf.data.Dataset:
        if self._padding is None:
            return items.batch(self._size, drop_remainder=True)
        assert self._columns is not None
        padding, element = self._padding, self._columns
        if self._buckets:
            return by_buckets(items, padding, element)
        cut = items.map(lambda *unit: tuple(fitted(padding, element, Unit(*unit))), **_threads())
        return padded(cut, self._size, padding, element)

    # ---- numbers

    def _flowing(self, number: Tensor, skip: Tensor) -> tf.data.Dataset:
        types = [tf.int64] * 4
        numbers, keys, counts, of_batch = tf.numpy_function(self._numbers, [number, skip], types)
        own = (None, self._size) if self._buckets else (None,)
        slices = (
            tf.ensure_shape(numbers, (None, self._size, *self._width)),
            tf.ensure_shape(keys, (None, self._size, self._keys)),
            tf.ensure_shape(counts, own),
            tf.ensure_shape(of_batch, (*own, self._batch_keys)),
        )
        return tf.data.Dataset.from_tensor_slices(slices)

    def _numbers(self, number: np.int64, skip: np.int64) -> tuple[Array, ...]:
        """Of every batch the numbers of its items, filled up, and their keys; how many it has, and
        its own keys. Of batches of different sizes, these are given with every item."""
        found = self.flow(int(number) - 1).take(slice(int(skip), None))
        if self._buckets:
            assert isinstance(found, Batches)
            return _by_item(found, self._size, self._batch_keys)
        batches = self._as_batches(found)
        rows = batches.rows(self._size)
        keys = table(batches.items.drawn, (len(batches.items),))[rows]
        of_batch = table(batches.drawn, (len(batches),))
        return batches.items.numbers[rows], keys, batches.counts, of_batch

    def _as_batches(self, found: Flow) -> Batches:
        if isinstance(found, Items):
            return found.batched(self._size, keeps_last=True)
        if self._part is None or not self._reads_part:
            return found
        return found.parts(self._part.places(found.counts))

    def _part_of(self, number: np.int64, skip: np.int64) -> Array:
        """Of every batch the place of the part that comes."""
        found = self.flow(int(number) - 1).take(slice(int(skip), None))
        assert isinstance(found, Batches)
        assert self._part is not None
        return self._part.places(found.counts)

    # ---- items

    def _read(self, numbers: Tensor, keys: Tensor, count: Tensor, of_batch: Tensor) -> Unit:
        if self._first is None:
            return Unit(numbers, *self._source.several(numbers), keys, count, of_batch)
        if self._keeps_last and not self._single:  # what fills up a small batch is not computed
            numbers, keys = numbers[:count], keys[:count]
        return Unit(numbers, *self._first.read(numbers, keys), keys, count, of_batch)

    def _items(self, flowing: tf.data.Dataset) -> tf.data.Dataset:
        """Units of one item each."""
        if not self._one_by_one:
            return flowing.map(lambda *unit: self._spread(self._read(*unit))).unbatch()
        numbered = flowing.map(
            lambda numbers, keys, *rest: self._spread(Unit(numbers, (), (), keys, *rest))
        ).unbatch()

        def read(
            numbers: Tensor, data: Tensors, labels: Tensors, keys: Tensor, *rest: Tensor
        ) -> tuple[Tensor | Tensors, ...]:
            return tuple(Unit(numbers, *self._source.one(numbers, keys), keys, *rest))

        return numbered.map(read, **_threads())

    def _spread(self, unit: Unit) -> tuple[Tensor | Tensors, ...]:
        """The unit with its count and keys with every item, so that it can be taken apart."""
        if self._buckets:  # they are, and what fills up has a count of 0
            many = tf.math.count_nonzero(unit.count)
            return tuple(tf.nest.map_structure(lambda x: x[:many], unit))
        unit = unit if self._batched else _cut(unit)
        many = tf.shape(unit.keys)[0]
        counts = tf.repeat(unit.count[None], many)
        of_batch = tf.repeat(unit.of_batch[None], many, axis=0)
        return tuple(unit._replace(count=counts, of_batch=of_batch))

    # ---- batches

    def _finish(self, unit: Unit) -> tuple[Tensors, Tensors]:
        unit = self._changer.changed(self._together, unit)
        if self._keeps_last:
            unit = _cut(unit)
        unit = unit._replace(keys=unit.of_batch)
        return self._in_order(self._changer.changed(self._of_batches, unit))

    def _placed(
        self, batch: tuple[Tensors, Tensors], place: Tensor
    ) -> tuple[Tensors, Tensors, Tensor]:
        """A part of a batch, as (data, labels, place). A step may mix the samples of a batch, so
        that all of them were read."""
        place = tf.cast(place, tf.int32)
        if not self._reads_part:
            begin = tf.minimum(place[0], place[2] - 1)
            end = tf.maximum(place[1], begin + 1)
            batch = tf.nest.map_structure(lambda x: x[begin:end], batch)
        return *batch, place

    def _in_order(self, unit: Unit) -> tuple[Tensors, Tensors]:
        if self._refusing is not None:
            (column,) = tf.nest.flatten(unit.labels)
            unit = unit._replace(labels=self._refusing.checked(unit.numbers, column))
        if self._places is None:
            return unit.data, unit.labels
        return tuple(unit.data[place] for place in self._places), unit.labels


def _by_item(found: Batches, chunk: int, keys: int) -> tuple[Array, ...]:
    """What batches of different sizes consist of, item by item in chunks. In place of its count, an
    item has a number that says which batch it is in, and how many that has."""
    order = np.concatenate(
        [np.zeros(0, np.int64), *map(np.arange, found.starts, found.starts + found.counts)]
    )
    batch = np.repeat(np.arange(len(found)), found.counts)
    windows = window(batch, found.buckets[batch], found.counts[batch])
    filled = -len(order) % chunk
    rows = (-1, chunk)

    def cut(values: Array) -> Array:
        filling = np.zeros((filled, *values.shape[1:]), np.int64)
        return np.concatenate([values, filling]).reshape(*rows, *values.shape[1:])

    items = found.items
    item_keys = table(items.drawn, (len(items),))[order]
    own = table(found.drawn, (len(found),))[batch].reshape(-1, keys)
    return tuple(map(cut, (items.numbers[order], item_keys, windows, own)))


def _cut(unit: Unit) -> Unit:
    """Without what fills up a small batch."""
    parts = unit.numbers, unit.data, unit.labels, unit.keys
    numbers, data, labels, keys = tf.nest.map_structure(lambda x: x[: unit.count], parts)
    return Unit(numbers, data, labels, keys, unit.count, unit.of_batch)


def _threads() -> dict[str, int]:
    return {"num_parallel_calls": max(os.cpu_count() or 1, 2)}


def _gathered(unit: Unit) -> Unit:
    return unit._replace(count=unit.count[0], of_batch=unit.of_batch[0])
