"""The epochs of a pipeline as a graph of ``tf.data``."""

from __future__ import annotations

import os
from collections.abc import Sequence
from itertools import groupby
from typing import Any, NamedTuple

import numpy as np
import tensorflow as tf

from declspore.data.chance import uniform
from declspore.data.flow import Batches, Items, table
from declspore.data.steps import Step, flows
from declspore.datafile import Damaged
from declspore.ir.dtype import STRING
from declspore.ir.shape import TensorType, static
from declspore.registry.data import (
    Arrays,
    ChangeKind,
    Column,
    Element,
    GroupKind,
    ItemKind,
    Reader,
    Unavailable,
    packed,
)

_HELD = 64 << 20
"""Arrays of up to so many bytes are kept as tensors, which are read without Python."""
_CHUNK = 64
"""So many items of a pipeline without batches are read at once."""


class _Unit(NamedTuple):
    """A batch on its way, or an item: numbers and values of its items and the keys of their random
    steps; how many items the batch has, and the keys of its own random steps."""

    numbers: Any
    data: Any
    labels: Any
    keys: Any
    count: Any
    of_batch: Any


class _Change(NamedTuple):
    """A step that changes items or batches, and which of their keys is its."""

    step: Step
    key: int


class Epochs:
    """The batches of any epoch of a pipeline; its items, where it makes no batches.

    ``failure`` is why an item could not be read, once that happened.
    """

    def __init__(
        self,
        reader: Reader,
        element: Element,
        count: int,
        steps: Sequence[Step],
        seed: int,
        places: Sequence[int] | None = None,
    ) -> None:
        """``element`` is what the reader gives; ``places`` the order of columns of data at the
        end."""
        self.flow = flows(count, steps, seed)
        self.failure: Unavailable | None = None
        self._reader, self._element, self._places = reader, element, places
        group = next((i for i, s in enumerate(steps) if isinstance(s.kind, GroupKind)), len(steps))
        self._size, self._keeps_last, self._batched = _CHUNK, True, group < len(steps)
        if self._batched:
            kind, arguments = steps[group].kind, steps[group].arguments
            assert isinstance(kind, GroupKind)
            self._size, self._keeps_last = kind.size(arguments), kind.keeps_last(arguments)
        of_items, self._of_batches = _changes(steps[:group]), _changes(steps[group:])
        # where items must be taken one by one, all steps are done while an item is in the cache
        single = any(_is_single(change.step) for change in of_items)
        self._alone, self._together = (of_items, []) if single else ([], of_items)
        self._keys = max(sum(change.step.draws > 0 for change in of_items), 1)
        self._held = _held(reader)

    def dataset(self, number: object, skip: object) -> tf.data.Dataset:
        """An epoch, counted from 1, without its first batches. Both are tensors."""
        types = [tf.int64] * 4
        numbers, keys, counts, of_batch = tf.numpy_function(self._numbers, [number, skip], types)
        of_batches = max(sum(change.step.draws > 0 for change in self._of_batches), 1)
        slices = (
            tf.ensure_shape(numbers, (None, self._size)),
            tf.ensure_shape(keys, (None, self._size, self._keys)),
            tf.ensure_shape(counts, (None,)),
            tf.ensure_shape(of_batch, (None, of_batches)),
        )
        flowing = tf.data.Dataset.from_tensor_slices(slices)
        if not self._alone:
            done = flowing.map(lambda *unit: self._finish(self._read(*unit)), **_threads())
            return done if self._batched else done.unbatch()
        items = flowing.map(lambda *unit: self._spread(self._read(*unit))).unbatch()
        if not self._batched:
            return items.map(lambda *unit: self._one(_Unit(*unit)), **_threads())
        changed = items.map(
            lambda *unit: tuple(self._changed(self._alone, _Unit(*unit))), **_threads()
        )
        batches = changed.batch(self._size, drop_remainder=True)
        return batches.map(lambda *unit: self._finish(_gathered(_Unit(*unit))), **_threads())

    def _numbers(self, number: Any, skip: Any) -> tuple[Any, ...]:
        """Of every batch the numbers of its items, filled up, and their keys; how many it has, and
        its own keys."""
        flow = self.flow(int(number) - 1).take(slice(int(skip), None))
        if isinstance(flow, Items):
            flow = flow.batched(self._size, keeps_last=True)
        assert isinstance(flow, Batches)
        rows = flow.rows(self._size)
        keys = table(flow.items.drawn, (len(flow.items),))[rows]
        return flow.items.numbers[rows], keys, flow.counts, table(flow.drawn, (len(flow),))

    # ---- reading

    def _read(self, numbers: Any, keys: Any, count: Any, of_batch: Any) -> _Unit:
        if self._held is not None:
            columns = [tf.gather(column, numbers) for column in self._held]
        else:
            columns = self._read_by_python(numbers)
        inputs = len(self._element.inputs)
        values = packed(columns[:inputs]), packed(columns[inputs:])
        return _Unit(numbers, *values, keys, count, of_batch)

    def _read_by_python(self, numbers: object) -> list[object]:
        columns: tuple[Column, ...] = (*self._element.inputs, *self._element.labels)
        types = [tf.as_dtype(column.type.dtype.as_numpy()) for column in columns]
        found = tf.numpy_function(self._rows, [numbers], types)
        return [
            tf.ensure_shape(values, (self._size, *_sizes(column.type)))
            for values, column in zip(found, columns, strict=True)
        ]

    def _rows(self, numbers: Any) -> tuple[object, ...]:
        try:
            return self._reader.rows(numbers)
        except Unavailable as error:
            self.failure = error
            raise

    # ---- changing

    def _spread(self, unit: _Unit) -> tuple[Any, ...]:
        """The unit with its count and keys with every item, so that it can be taken apart."""
        unit = unit if self._batched else self._cut(unit)
        many = tf.shape(unit.keys)[0]
        counts = tf.repeat(unit.count[None], many)
        of_batch = tf.repeat(unit.of_batch[None], many, axis=0)
        return tuple(unit._replace(count=counts, of_batch=of_batch))

    def _one(self, unit: _Unit) -> object:
        return self._in_order(self._changed([*self._alone, *self._together], unit))

    def _finish(self, unit: _Unit) -> object:
        unit = self._changed(self._together, unit)
        if self._keeps_last:
            unit = self._cut(unit)
        unit = unit._replace(keys=unit.of_batch)
        return self._in_order(self._changed(self._of_batches, unit))

    def _cut(self, unit: _Unit) -> _Unit:
        """Without what fills up a small batch."""
        parts = unit.numbers, unit.data, unit.labels, unit.keys
        numbers, data, labels, keys = tf.nest.map_structure(lambda x: x[: unit.count], parts)
        return _Unit(numbers, data, labels, keys, unit.count, unit.of_batch)

    def _changed(self, changes: Sequence[_Change], unit: _Unit) -> _Unit:
        for items, group in groupby(changes, lambda change: isinstance(change.step.kind, ItemKind)):
            if items:
                unit = unit._replace(data=self._by_items(list(group), unit))
                continue
            for change in group:
                step, kind = change.step, change.step.kind
                assert isinstance(kind, ChangeKind)
                values = unit.data, unit.labels, _draws(change, unit)
                data, labels = kind.apply(tf, step.arguments, step.before, *values)
                unit = unit._replace(data=data, labels=labels)
        return unit

    def _by_items(self, changes: Sequence[_Change], unit: _Unit) -> Any:
        """The data after steps that are computed in NumPy, one item after the other."""
        steps = [change.step for change in changes]
        drawn = [_draws(change, unit) for change in changes if change.step.draws]

        def item(number: int, value: Any, draws: Sequence[Any]) -> Any:
            given = iter(draws)
            try:
                for step in steps:
                    kind = step.kind
                    assert isinstance(kind, ItemKind)
                    own = next(given) if step.draws else ()
                    value = kind.compute(step.arguments, step.before.data, value, own)
            except Damaged as error:
                self.failure = Unavailable(f"{self._reader.place(number)}: {error}")
                raise
            except Unavailable as error:
                self.failure = error
                raise
            return value

        def items(numbers: Any, values: Any, *draws: Any) -> Any:
            if not np.ndim(numbers):
                return _contiguous(item(int(numbers), values, draws))
            each = zip(numbers.tolist(), values, *draws, strict=True)
            return np.stack([item(number, value, own) for number, value, *own in each])

        type = steps[-1].after.data
        found = tf.numpy_function(
            items, [unit.numbers, unit.data, *drawn], tf.as_dtype(type.dtype.as_numpy())
        )
        return tf.ensure_shape(found, (*unit.numbers.shape, *_sizes(type)))

    def _in_order(self, unit: _Unit) -> Any:
        if self._places is None:
            return unit.data, unit.labels
        return tuple(unit.data[place] for place in self._places), unit.labels


def _threads() -> dict[str, int]:
    return {"num_parallel_calls": max(os.cpu_count() or 1, 2)}


def _is_single(step: Step) -> bool:
    if isinstance(step.kind, ItemKind):
        types = step.before.data, step.after.data
        return any(type.dtype is STRING or static(type.shape) is None for type in types)
    return False


def _draws(change: _Change, unit: _Unit) -> Any:
    if not change.step.draws:
        return None
    return uniform(tf, unit.keys[..., change.key], change.step.draws)


def _contiguous(value: object) -> object:
    return np.ascontiguousarray(value) if isinstance(value, np.ndarray) and value.ndim else value


def _changes(steps: Sequence[Step]) -> list[_Change]:
    found, key = [], 0
    for step in steps:
        if isinstance(step.kind, ChangeKind | ItemKind):
            found.append(_Change(step, key))
            key += step.draws > 0
    return found


def _gathered(unit: _Unit) -> _Unit:
    return unit._replace(count=unit.count[0], of_batch=unit.of_batch[0])


def _sizes(type: TensorType) -> tuple[int | None, ...]:
    return tuple(dim if isinstance(dim, int) else None for dim in type.shape)


def _held(reader: Reader) -> list[object] | None:
    """The arrays of a small source as tensors."""
    if not isinstance(reader, Arrays):
        return None
    mapped = any(isinstance(column, np.memmap) for column in reader.columns)
    if mapped or sum(column.nbytes for column in reader.columns) > _HELD:
        return None
    return [tf.constant(column) for column in reader.columns]
