"""Items on their way through a graph of ``tf.data``: read, and changed step by step."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import groupby
from typing import Any, NamedTuple, TypeVar

import numpy as np
import tensorflow as tf

from declspore.data.failure import Failure
from declspore.datafile import Damaged
from declspore.flows.chance import uniform
from declspore.flows.steps import Step
from declspore.ir.dtype import STRING
from declspore.ir.shape import TensorType, static
from declspore.ir.tensors import Array, Draws, Item, Tensor, Tensors
from declspore.registry.data import (
    ChangeKind,
    Column,
    Element,
    ItemKind,
    PlaceKind,
    RowKind,
    packed,
)

T = TypeVar("T")

Place = Callable[[Item], str]
"""Where the item with these numbers comes from, for messages."""


class Unit(NamedTuple):
    """A batch on its way, or an item: numbers and values of its items and the keys of their random
    steps; how many items the batch has, and the keys of its own random steps."""

    numbers: Tensor
    data: Tensors
    labels: Tensors
    keys: Tensor
    count: Any
    of_batch: Any


class Change(NamedTuple):
    """A step that changes items or batches, and which of their keys is its."""

    step: Step
    key: int


def changes_of(steps: Sequence[Step], key: int = 0) -> list[Change]:
    """The steps that change items; the first one that draws has the key of this number."""
    found = []
    for step in steps:
        if isinstance(step.kind, ChangeKind | ItemKind | RowKind | PlaceKind):
            found.append(Change(step, key))
            key += step.draws > 0
    return found


def is_single(step: Step) -> bool:
    """Whether a step takes items one by one, since they differ in size or are texts."""
    if isinstance(step.kind, ItemKind | RowKind):
        columns = (*step.before.columns, *step.after.columns)
        return any(c.type.dtype is STRING or static(c.type.shape) is None for c in columns)
    return False


class Changer:
    """Carries out steps on units whose items come from ``place``; what goes wrong is kept in
    ``failure``."""

    def __init__(self, place: Place, failure: Failure) -> None:
        self._place, self._failure = place, failure

    def changed(self, changes: Sequence[Change], unit: Unit) -> Unit:
        """The unit after some steps."""
        for items, group in groupby(changes, _is_of_items):
            if items:
                unit = unit._replace(data=self._by_items(list(group), unit))
                continue
            for change in group:
                unit = self._one(change, unit)
        return unit

    def _one(self, change: Change, unit: Unit) -> Unit:
        step, kind = change.step, change.step.kind
        if step.columns:
            return self._by_columns(change, unit)
        if isinstance(kind, RowKind):
            return self._by_rows(step, kind, unit)
        if isinstance(kind, PlaceKind):
            columns = flat(step.before, unit.data, unit.labels)
            places = kind.places(step.arguments, step.before)
            return with_columns(step.after, [columns[place] for place in places], unit)
        assert isinstance(kind, ChangeKind)
        values = unit.data, unit.labels, _draws(change, unit)
        data, labels = kind.apply(tf, step.arguments, step.before, *values)
        return unit._replace(data=data, labels=labels)

    def _by_columns(self, change: Change, unit: Unit) -> Unit:
        """The unit after a step that changes some columns, all with the same random numbers."""
        step = change.step
        columns: list[Any] = flat(step.before, unit.data, unit.labels)
        if step.draws and len(step.columns) > 1:
            columns = self._alike(step, columns, unit)
        of_labels = step.kind.changes == "labels"
        for place, alone in step.alone:
            given: dict[str, Any] = {
                "data": (),
                "labels": (),
                "labels" if of_labels else "data": columns[place],
            }
            made = self.changed([Change(alone, change.key)], unit._replace(**given))
            columns[place] = made.labels if of_labels else made.data
        return with_columns(step.after, columns, unit)

    def _alike(self, step: Step, columns: list[Tensor], unit: Unit) -> list[Tensor]:
        """The columns; those that are to change alike are compared where sizes are not known."""
        several = [step.before.columns[place] for place in step.columns]
        if all(static(column.type.shape) is not None for column in several):
            return columns

        def compared(number: Item, *values: Array) -> Array:
            with self._failure.kept(lambda: self._place(number)):
                sizes = [value.shape[:2] for value in values]
                if len(set(sizes)) > 1:
                    shown = ", ".join(
                        f"{column.name} of {'x'.join(map(str, size))}"
                        for column, size in zip(several, sizes, strict=True)
                    )
                    raise Damaged(f"columns that change alike have one size, found {shown}")
            return values[0]

        first = step.columns[0]
        given = [unit.numbers, *(columns[place] for place in step.columns)]
        found = tf.numpy_function(compared, given, _dtype(several[0]))
        shaped = tf.ensure_shape(found, columns[first].shape)
        return [shaped if place == first else value for place, value in enumerate(columns)]

    def _by_items(self, changes: Sequence[Change], unit: Unit) -> Tensor:
        """The data after steps that are computed in NumPy, one item after the other."""
        steps = [change.step for change in changes]
        drawn = [_draws(change, unit) for change in changes if change.step.draws]

        def item(number: Item, value: Any, draws: Sequence[Draws]) -> Any:
            given = iter(draws)
            with self._failure.kept(lambda: self._place(number)):
                for step in steps:
                    kind = step.kind
                    assert isinstance(kind, ItemKind)
                    own = next(given) if step.draws else ()
                    value = kind.compute(step.arguments, step.before.data, value, own)
            return value

        def items(numbers: Array, values: Array, *draws: Array) -> Array:
            if _is_one(unit):
                return _contiguous(item(numbers, values, draws))
            each = zip(numbers, values, *draws, strict=True)
            return np.stack([item(number, value, own) for number, value, *own in each])

        (column,) = steps[-1].after.inputs
        found = tf.numpy_function(items, [unit.numbers, unit.data, *drawn], _dtype(column))
        return tf.ensure_shape(found, (*_items_shape(unit), *sizes(column.type)))

    def _by_rows(self, step: Step, kind: RowKind, unit: Unit) -> Unit:
        """All columns after a step that makes columns of columns."""
        wanted = frozenset(column.name for column in step.after.columns)

        def row(number: Item, values: Sequence[object]) -> list[Array]:
            with self._failure.kept(lambda: self._place(number)):
                made = kind.compute(step.arguments, step.before, tuple(values), wanted)
            return [_contiguous(value) for value in made]

        def rows(numbers: Array, *columns: Array) -> list[Array]:
            if _is_one(unit):
                return row(numbers, columns)
            each = [row(n, values) for n, *values in zip(numbers, *columns, strict=True)]
            return [np.stack(column) for column in zip(*each, strict=True)]

        columns = flat(step.before, unit.data, unit.labels)
        types = [_dtype(column) for column in step.after.columns]
        found = tf.numpy_function(rows, [unit.numbers, *columns], types)
        shaped = [
            tf.ensure_shape(value, (*_items_shape(unit), *sizes(column.type)))
            for value, column in zip(found, step.after.columns, strict=True)
        ]
        return with_columns(step.after, shaped, unit)


def _is_of_items(change: Change) -> bool:
    """Whether a step changes the only column of data in NumPy."""
    return isinstance(change.step.kind, ItemKind) and not change.step.columns


def flat(element: Element, data: Any, labels: Any) -> list[Tensor]:
    """The columns of what flows, data before labels."""
    parts = ((element.inputs, data), (element.labels, labels))
    return [
        value
        for columns, values in parts
        for value in ([values] if len(columns) == 1 else list(values))
    ]


def divided(element: Element, columns: Sequence[T]) -> tuple[T | tuple[T, ...], T | tuple[T, ...]]:
    """Data and labels of columns: what :func:`flat` undoes."""
    inputs = len(element.inputs)
    return packed(columns[:inputs]), packed(columns[inputs:])


def with_columns(element: Element, columns: Sequence[Tensor], unit: Unit) -> Unit:
    """The unit with other columns, those of ``element``."""
    data, labels = divided(element, columns)
    return unit._replace(data=data, labels=labels)


def _is_one(unit: Unit) -> bool:
    """Whether a unit is one item: then it has a key a step, else a row of them an item."""
    return len(unit.keys.shape) == 1


def _items_shape(unit: Unit) -> tuple[int | None, ...]:
    return () if _is_one(unit) else (unit.keys.shape[0],)


def sizes(type: TensorType) -> tuple[int | None, ...]:
    """The sizes of one item, None where they differ."""
    return tuple(dim if isinstance(dim, int) else None for dim in type.shape)


def _dtype(column: Column) -> tf.DType:
    return tf.as_dtype(column.type.dtype.as_numpy())


def _draws(change: Change, unit: Unit) -> Tensor | None:
    if not change.step.draws:
        return None
    return uniform(tf, unit.keys[..., change.key], change.step.draws)


def _contiguous(value: T) -> T | Array:
    return np.ascontiguousarray(value) if isinstance(value, np.ndarray) and value.ndim else value
