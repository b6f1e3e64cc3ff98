"""Items of a batch that are read and changed in NumPy by one call, into the array of the batch."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import takewhile
from typing import Any

import tensorflow as tf

from declspore.data.failure import Failure
from declspore.data.lookup import by_value, lookup
from declspore.data.memory import Memory
from declspore.data.units import Change, sizes
from declspore.flows.chance import uniform
from declspore.flows.opened import Opened
from declspore.ir.dtype import STRING
from declspore.ir.shape import TensorType, static
from declspore.ir.tensors import Array, Draws, Item, Numbers, Tensor, Tensors
from declspore.registry.data import ItemKind


class NumpySteps:
    """The first ``changes`` after a source: those that NumPy computes item by item, and those
    after them that a table stands for."""

    def __init__(self, opened: Opened, changes: Sequence[Change], failure: Failure) -> None:
        self._opened, self._failure, self._memory = opened, failure, Memory()
        self._computed = list(takewhile(_is_computed, changes))
        rest = [change.step for change in changes[len(self._computed) :]]
        mapped = by_value(rest) if self._computed else ()
        self.changes = changes[: len(self._computed) + len(mapped)]
        self._lookup = lookup(mapped) if mapped else None

    @classmethod
    def of(cls, opened: Opened, changes: Sequence[Change], failure: Failure) -> NumpySteps | None:
        """None where no changes come first, or items come out of them in several sizes."""
        found = cls(opened, changes, failure)
        if not found.changes or found._type.dtype is STRING or static(found._type.shape) is None:
            return None
        return found

    def read(self, numbers: Tensor, keys: Tensor) -> tuple[Tensor, Tensors]:
        """Data and labels of items [n] after the changes; ``keys`` are those of random steps."""
        changes = [change for change in self._computed if change.step.draws]
        draws = [uniform(tf, keys[..., change.key], change.step.draws) for change in changes]
        element = self.changes[-1].step.after
        types = [column.type for column in element.columns]
        dtypes = [tf.as_dtype(type.dtype.as_numpy()) for type in types]
        found = tf.numpy_function(self._batch, [numbers, *draws], dtypes)
        data, *labels = (
            tf.ensure_shape(values, (numbers.shape[0], *sizes(type)))
            for values, type in zip(found, types, strict=True)
        )
        return data, labels[0] if len(labels) == 1 else tuple(labels)

    @property
    def _type(self) -> TensorType:
        return self.changes[-1].step.after.data

    def _batch(self, numbers: Numbers, *draws: Array) -> tuple[Array, ...]:
        with self._failure.kept(lambda: self._opened.place(numbers[0])):
            values, *labels = self._opened.reader.rows(numbers)
        shape = static(self._type.shape)
        assert shape is not None
        out = self._memory.array((len(numbers), *shape), self._type.dtype.as_numpy())
        each = zip(numbers, values, *draws, strict=True)
        for place, (number, value, *own) in enumerate(each):
            found = self._item(number, value, own)
            if self._lookup is None:
                out[place] = found
            else:
                self._lookup.into(out[place], found)
        return out, *labels

    def _item(self, number: Item, value: Any, draws: Sequence[Draws]) -> Any:
        given = iter(draws)
        with self._failure.kept(lambda: self._opened.place(number)):
            for step, _ in self._computed:
                kind = step.kind
                assert isinstance(kind, ItemKind)
                own = next(given) if step.draws else ()
                value = kind.compute(step.arguments, step.before.data, value, own)
        return value


def _is_computed(change: Change) -> bool:
    return isinstance(change.step.kind, ItemKind) and not change.step.columns
