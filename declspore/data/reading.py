"""Items of sources in a graph of ``tf.data``, one by one or several at once."""

from __future__ import annotations

import numpy as np
import tensorflow as tf

from declspore.data.failure import Failure
from declspore.data.units import Changer, Unit, changes_of, divided, flat, sizes
from declspore.flows.opened import Opened
from declspore.ir.shape import static
from declspore.ir.tensors import Array, Numbers, Tensor, Tensors
from declspore.registry.data import Arrays, Reader, packed

_HELD = 64 << 20
"""Arrays of up to so many bytes are kept as tensors, which are read without Python."""


class OpenedSource:
    """The items of a source, or of several that are merged."""

    def __init__(self, opened: Opened, failure: Failure) -> None:
        self._opened, self._failure = opened, failure
        self._parts = [OpenedSource(part, failure) for part in opened.parts]
        self._changer = Changer(opened.place, failure)
        self._held = None if opened.parts else _held(opened.reader)

    @property
    def varies(self) -> bool:
        """Whether items differ in size as they are read, so that they are read one by one."""
        columns = self._opened.element.columns
        return not self._parts and any(static(column.type.shape) is None for column in columns)

    def several(self, numbers: Tensor) -> tuple[Tensors, Tensors]:
        """Data and labels of items [n] of a source that merges none."""
        if self._held is not None:
            return divided(
                self._opened.element, [tf.gather(column, numbers) for column in self._held]
            )
        return divided(self._opened.element, self._by_python(numbers))

    def one(self, numbers: Tensor, keys: Tensor) -> tuple[Tensors, Tensors]:
        """Data and labels of the item that ``numbers`` [width] stands for; ``keys`` are those of
        the random steps of all parts."""
        if not self._parts:
            if self.varies:
                return divided(self._opened.element, self._one_by_python(numbers))
            columns = flat(self._opened.element, *self.several(tf.reshape(numbers, (1,))))
            return divided(self._opened.element, [column[0] for column in columns])
        if self._opened.side_by_side:
            return self._beside(numbers, keys)
        branches = [
            lambda part=part, place=place: self._columns(
                part, part.finished(self._opened.within(place, numbers)[1], keys)
            )
            for place, part in enumerate(self._parts)
        ]
        return divided(
            self._opened.element, tf.switch_case(tf.cast(numbers[0], tf.int32), branches)
        )

    def finished(self, numbers: Tensor, keys: Tensor) -> tuple[Tensors, Tensors]:
        """An item of a part after its steps."""
        opened = self._opened
        data, labels = self.one(numbers, keys)
        keys = keys[: max(opened.drawing, 1)]
        unit = Unit(numbers, data, labels, keys, None, None)
        unit = self._changer.changed(changes_of(opened.steps, opened.before_steps), unit)
        return unit.data, unit.labels

    def _beside(self, numbers: Tensor, keys: Tensor) -> tuple[Tensors, Tensors]:
        inputs: list[Tensor] = []
        labels: list[Tensor] = []
        start = 0
        for part, (opened, own) in zip(self._parts, self._opened.spread(numbers), strict=True):
            found = self._columns(part, part.finished(own, keys[start:]))
            inputs += found[: len(opened.after.inputs)]
            labels += found[len(opened.after.inputs) :]
            start += opened.drawing
        return packed(inputs), packed(labels)

    def _columns(self, part: OpenedSource, found: tuple[Tensors, Tensors]) -> list[Tensor]:
        element = part._opened.after
        return [
            tf.ensure_shape(value, sizes(column.type))
            for value, column in zip(flat(element, *found), element.columns, strict=True)
        ]

    def _by_python(self, numbers: Tensor) -> list[Tensor]:
        columns = self._opened.element.columns
        types = [tf.as_dtype(column.type.dtype.as_numpy()) for column in columns]
        found = tf.numpy_function(self._rows, [numbers], types)
        return [
            tf.ensure_shape(values, (numbers.shape[0], *sizes(column.type)))
            for values, column in zip(found, columns, strict=True)
        ]

    def _one_by_python(self, number: Tensor) -> list[Tensor]:
        columns = self._opened.element.columns
        types = [tf.as_dtype(column.type.dtype.as_numpy()) for column in columns]

        def row(number: np.int64) -> tuple[Array, ...]:
            return tuple(column[0] for column in self._rows(np.asarray([number])))

        found = tf.numpy_function(row, [number], types)
        return [
            tf.ensure_shape(value, sizes(column.type))
            for value, column in zip(found, columns, strict=True)
        ]

    def _rows(self, numbers: Numbers) -> tuple[Array, ...]:
        with self._failure.kept(lambda: self._opened.place(numbers[0])):
            return self._opened.reader.rows(numbers)


def _held(reader: Reader) -> list[Tensor] | None:
    """The arrays of a small source as tensors."""
    if not isinstance(reader, Arrays):
        return None
    mapped = any(isinstance(column, np.memmap) for column in reader.columns)
    if mapped or sum(column.nbytes for column in reader.columns) > _HELD:
        return None
    return [tf.constant(column) for column in reader.columns]
