"""Rows that differ in size, filled up to batches (mindspore.dataset, 2.10)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TypeAlias, TypeVar

import numpy as np
from numpy.typing import NDArray

PadInfo: TypeAlias = Mapping[str, tuple[Sequence[int | None] | None, object]]
"""Of columns the sizes (None: the largest of the batch) and what fills them; of no columns, all are
filled with zeros."""

R = TypeVar("R")


def filled(
    values: Sequence[object], shape: Sequence[int | None] | None, value: object
) -> NDArray[np.generic]:
    """Values of one rank as one array, each filled up, or cut, to the sizes of the shape. Raises
    ValueError."""
    arrays = [np.asarray(each) for each in values]
    if len({array.ndim for array in arrays}) > 1:
        raise ValueError("rows of one batch differ in the number of axes")
    wanted = [None] * arrays[0].ndim if shape is None else list(shape)
    if len(wanted) != arrays[0].ndim:
        raise ValueError(f"pad_info has {len(wanted)} sizes for rows of {arrays[0].ndim} axes")
    largest = np.max([array.shape for array in arrays], axis=0) if wanted else []
    sizes = [
        int(most) if size is None else size for size, most in zip(wanted, largest, strict=True)
    ]
    found = np.full((len(arrays), *sizes), 0 if value is None else value, arrays[0].dtype)
    for row, array in enumerate(arrays):
        kept = array[tuple(slice(size) for size in sizes)]
        place: tuple[int | slice, ...] = (row, *(slice(size) for size in kept.shape))
        found[place] = kept
    return found


def in_buckets(
    rows: Iterable[tuple[R, int]],
    boundaries: Sequence[int],
    sizes: Sequence[int],
    keeps_last: bool,
) -> Iterator[tuple[int, list[R]]]:
    """Rows with their lengths as batches, each with the number of its bucket: a bucket that is full
    is a batch, and at the end what is left of each is one."""
    waiting: list[list[R]] = [[] for _ in sizes]
    for row, length in rows:
        bucket = int(np.searchsorted(boundaries, length, side="right"))
        waiting[bucket].append(row)
        if len(waiting[bucket]) == sizes[bucket]:
            yield bucket, waiting[bucket]
            waiting[bucket] = []
    if keeps_last:
        yield from ((bucket, rest) for bucket, rest in enumerate(waiting) if rest)


def check_buckets(boundaries: Sequence[int], sizes: Sequence[int]) -> None:
    """Raises ValueError."""
    if not boundaries or min(boundaries) < 1 or sorted(set(boundaries)) != list(boundaries):
        raise ValueError(f"bucket_boundaries must be lengths that increase, not {boundaries}")
    if len(sizes) != len(boundaries) + 1 or min(sizes) < 1:
        raise ValueError(
            f"{len(boundaries)} boundaries need {len(boundaries) + 1} positive batch sizes, "
            f"found {list(sizes)}"
        )
