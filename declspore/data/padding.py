"""Batches of items that differ in size: padded, and of items of about one length."""

from __future__ import annotations

import numpy as np
import tensorflow as tf

from declspore.data.units import Unit, divided, flat, with_columns
from declspore.ir.dtype import STRING
from declspore.ir.tensors import Array, Tensor
from declspore.registry.data import Element, Padding

_COUNT, _BUCKET = 24, 16
"""Bits of a window for the items of its batch, and for its bucket."""


def window(batch: Array, bucket: Array, count: Array) -> Array:
    """One number for batch, bucket and count of items."""
    return (np.asarray(batch) << (_COUNT + _BUCKET)) | (bucket << _COUNT) | count


def fitted(padding: Padding, element: Element, unit: Unit) -> Unit:
    """The item with its columns cut to the sizes they are padded to."""
    columns = [
        _cut(value, shape)
        for value, shape in zip(flat(element, unit.data, unit.labels), padding.shapes, strict=True)
    ]
    return with_columns(element, columns, unit)


def _cut(value: Tensor, shape: tuple[int | Tensor | None, ...]) -> Tensor:
    if all(size is None for size in shape):
        return value
    return value[tuple(slice(size) for size in shape)]


def padded(
    items: tf.data.Dataset, size: int, padding: Padding, element: Element
) -> tf.data.Dataset:
    """Batches of ``size`` items, each column padded."""
    return items.padded_batch(size, *_filling(items, padding, element), drop_remainder=True)


def by_buckets(items: tf.data.Dataset, padding: Padding, element: Element) -> tf.data.Dataset:
    """Batches whose items follow each other, as many as the window of each says."""

    def count(key: Tensor) -> Tensor:
        return key % (1 << _COUNT)

    def batch(key: Tensor, found: tf.data.Dataset) -> tf.data.Dataset:
        bucket = key // (1 << _COUNT) % (1 << _BUCKET)
        own = _bounded(padding, bucket)
        cut = found.map(lambda *unit: tuple(fitted(own, element, Unit(*unit))))
        return cut.padded_batch(count(key), *_filling(cut, own, element))

    return items.group_by_window(
        key_func=lambda *unit: Unit(*unit).count, reduce_func=batch, window_size_func=count
    )


def _bounded(padding: Padding, bucket: Tensor) -> Padding:
    """The padding of a batch of a bucket: up to its boundary, where there are some."""
    if not padding.boundaries:
        return padding
    size = tf.gather(tf.constant(padding.boundaries, tf.int64), bucket) - 1
    shapes = tuple(tuple(size if dim is None else dim for dim in shape) for shape in padding.shapes)
    return Padding(shapes, padding.values)


def _filling(
    items: tf.data.Dataset, padding: Padding, element: Element
) -> tuple[tuple[object, ...], tuple[object, ...]]:
    """Shapes and values for every part of a unit."""
    spec = Unit(*items.element_spec)
    shapes = [
        tf.stack([tf.cast(-1 if size is None else size, tf.int64) for size in shape])
        if shape
        else tf.zeros((0,), tf.int64)
        for shape in padding.shapes
    ]
    values = [
        tf.constant(b"" if column.type.dtype is STRING else value, part.dtype)
        for column, value, part in zip(
            element.columns, padding.values, flat(element, spec.data, spec.labels), strict=True
        )
    ]

    def same(part: tf.TensorSpec) -> Tensor:
        return tf.constant(part.shape.as_list(), tf.int64, (len(part.shape),))

    own = spec.numbers, spec.keys, spec.count, spec.of_batch
    numbers, keys, count, of_batch = map(same, own)
    zero = tf.constant(0, tf.int64)
    shaped = Unit(numbers, *divided(element, shapes), keys, count, of_batch)
    filled = Unit(zero, *divided(element, values), zero, zero, zero)
    return tuple(shaped), tuple(filled)
