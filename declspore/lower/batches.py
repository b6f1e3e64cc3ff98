"""Batches as networks and losses take them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TypeAlias, cast

import numpy as np

from declspore.ir.tensors import Array, Columns, HasArray

Batch: TypeAlias = tuple[Columns, Columns]
"""Data and labels: an array each, or a tuple of those of several columns."""


def pairs(batches: Iterable[object]) -> Iterator[Batch]:
    """Each batch as (data, labels) of NumPy arrays, whatever sequence holds the two.

    Raises TypeError where a batch is not such a pair.
    """
    for number, batch in enumerate(batches, start=1):
        if not isinstance(batch, tuple | list) or len(batch) != 2:
            raise TypeError(
                f"expected (data, labels), found {_kind(batch)} in batch {number}; give a list of "
                "such pairs, a dataset of a spec or a tf.data.Dataset"
            )
        data, label = batch
        yield as_arrays(data), as_arrays(label)


def as_inputs(data: object) -> object:
    """Several inputs as Keras's functional models take them; pipelines give tuples."""
    return list(data) if isinstance(data, tuple) else data


def as_arrays(value: object) -> Columns:
    """An array, or a tuple of those of several columns."""
    if isinstance(value, tuple) or (isinstance(value, list) and _is_of_arrays(value)):
        return cast("tuple[Array, ...]", tuple(map(as_arrays, value)))
    if isinstance(value, HasArray):
        return value.asnumpy()
    return value.numpy() if hasattr(value, "numpy") else np.asarray(value)


def _is_of_arrays(value: list[object]) -> bool:
    return bool(value) and all(getattr(item, "shape", ()) for item in value)


def _kind(batch: object) -> str:
    name = type(batch).__name__
    return f"a {name} of {len(batch)}" if isinstance(batch, tuple | list) else name
