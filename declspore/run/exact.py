"""Sums and products of matrices that are the same bits on every machine.

Libraries add in an order that depends on the processor and the number of threads, so their last
bits differ. Sums here are made pair by pair in a fixed order; in products every number that is
added is a whole number small enough that no order of additions rounds.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]

_BITS = 20
_MOST_TERMS = 1 << 13
"""So many products of two numbers of 20 bits add up below 2 to the power of 53."""


def total(x: Array, axes: tuple[int, ...], keepdims: bool) -> Array:
    """The sum over axes, of floats in float64. The result is float64, or of the integers' type."""
    kept = [axis for axis in range(x.ndim) if axis not in axes]
    rows = np.transpose(x, (*axes, *kept)).reshape(-1, *(x.shape[axis] for axis in kept))
    if rows.dtype.kind == "f":
        rows = rows.astype(np.float64, copy=False)
    if not len(rows):
        rows = np.zeros((1, *rows.shape[1:]), rows.dtype)
    while len(rows) > 1:
        half = len(rows) // 2
        added = rows[:half] + rows[half : 2 * half]
        if len(rows) % 2:
            added[0] += rows[-1]
        rows = added
    found: Array = rows[0]
    if keepdims:
        found = found.reshape([1 if axis in axes else size for axis, size in enumerate(x.shape)])
    return found


def matmul(a: Array, b: Array) -> Array:
    """The product of matrices, batches broadcast, as float64 (integers: exact, in their type).

    The factors are taken with 40 bits (60 for float64) counted from the largest of their row or
    column: the error is below ``inner * 2**-40`` of the product of those largest.
    """
    if a.dtype.kind != "f":
        exact: Array = np.matmul(a, b)
        return exact
    slices = 3 if np.float64 in (a.dtype, b.dtype) else 2
    left = a[None, :] if a.ndim == 1 else a
    right = b[:, None] if b.ndim == 1 else b
    found: Any = 0.0
    for start in range(0, max(left.shape[-1], 1), _MOST_TERMS):
        part = slice(start, start + _MOST_TERMS)
        found = found + _product(left[..., part], right[..., part, :], slices)
    if a.ndim == 1:
        found = found[..., 0, :]
    product: Array = found[..., 0] if b.ndim == 1 else found
    return product


def _product(a: Array, b: Array, slices: int) -> Array:
    lefts, left_scale = _sliced(a, -1, slices)
    rights, right_scale = _sliced(b, -2, slices)
    pairs = [(i, j) for i in range(slices) for j in range(slices) if i + j <= slices]
    found: Any = 0.0
    for i, j in sorted(pairs, key=lambda pair: (-sum(pair), pair)):
        found = found + np.ldexp(np.matmul(lefts[i], rights[j]), -_BITS * (i + j + 2))
    scaled: Array = np.ldexp(found, left_scale + right_scale)
    return scaled


def _sliced(x: Array, axis: int, slices: int) -> tuple[list[Array], Array]:
    """Numbers as sums of whole numbers of 20 bits, each set 20 bits below the one before, and the
    power of two they are to be scaled by."""
    rest = x.astype(np.float64)
    largest = np.max(np.abs(rest), axis=axis, keepdims=True, initial=0.0)
    _, scale = np.frexp(largest)
    rest = np.ldexp(rest, -scale)
    found = []
    for index in range(slices):
        whole = np.rint(np.ldexp(rest, _BITS * (index + 1)))
        rest = rest - np.ldexp(whole, -_BITS * (index + 1))
        found.append(whole)
    return found, scale
