"""Sums and products of matrices that are the same bits on every machine.

Libraries add in an order that depends on the processor and the number of threads, so their last
bits differ. Sums here are made pair by pair in a fixed order; in products every number that is
added is an integer small enough that no order of additions rounds. Both work on a block at a
time, so that they need little memory besides their operands and results.
"""

from __future__ import annotations

from math import prod

import numpy as np

from declspore.ir.tensors import Array

BLOCK = 1 << 18
"""Elements that are worked on at once."""

_BITS = 20
_MOST_TERMS = 1 << 13
"""So many products of two numbers of 20 bits add up below 2 to the power of 53."""
_FAR = 500
"""Rows whose largest number is below 2**-500 keep fewer bits; no float32 is that small."""


def total(x: Array, axes: tuple[int, ...], keepdims: bool) -> Array:
    """The sum over axes, of floats in float64. The result is float64, or of the integers' type."""
    kept = [axis for axis in range(x.ndim) if axis not in axes]
    moved = np.transpose(x, (*kept, *axes))
    sizes, terms = moved.shape[: len(kept)], prod(x.shape[axis] for axis in axes)
    found = np.empty(sizes, np.float64 if x.dtype.kind == "f" else _sum_type(x))
    for place in np.ndindex(*sizes[:-1]):
        _sum_rows(moved[place].reshape(*sizes[len(place) :], terms), found[place or ...])
    if keepdims:
        found = found.reshape([1 if axis in axes else size for axis, size in enumerate(x.shape)])
    return found


def _sum_type(x: Array) -> np.dtype[np.generic]:
    return np.dtype(np.int64) if x.dtype.kind == "b" else x.dtype


def _sum_rows(rows: Array, found: Array) -> None:
    """The sum of each row, into ``found``; one row, where it is a number."""
    if rows.ndim == 1:
        found[...] = _sum(rows[None, :], found.dtype)[0]
        return
    step = max(BLOCK // max(rows.shape[1], 1), 1)
    for start in range(0, len(rows), step):
        found[start : start + step] = _sum(rows[start : start + step], found.dtype)


def _sum(rows: Array, dtype: np.dtype[np.generic]) -> Array:
    """The sum of each row: of blocks of columns, whose sums are added in turn."""
    found = np.zeros(len(rows), dtype)
    for start in range(0, rows.shape[1], BLOCK):
        part = np.ascontiguousarray(rows[:, start : start + BLOCK].T.astype(dtype, copy=False))
        while len(part) > 1:
            half = len(part) // 2
            added = part[:half] + part[half : 2 * half]
            if len(part) % 2:
                added[0] += part[-1]
            part = added
        found += part[0]
    return found


def matmul(a: Array, b: Array) -> Array:
    """The product of matrices, batches broadcast, in the wider of their types.

    The factors are taken with 40 bits (60 for float64) counted from the largest of their row or
    column: the error is below ``inner * 2**-40`` of the product of those largest.
    """
    if a.dtype.kind != "f":
        exact: Array = np.matmul(a, b)
        return exact
    left = a[None, :] if a.ndim == 1 else a
    right = b[:, None] if b.ndim == 1 else b
    batch = np.broadcast_shapes(left.shape[:-2], right.shape[:-2])
    lefts = np.broadcast_to(left, (*batch, *left.shape[-2:]))
    rights = np.broadcast_to(right, (*batch, *right.shape[-2:]))
    sizes = (*batch, left.shape[-2], right.shape[-1])
    found = np.empty(sizes, np.result_type(left, right))
    for place in np.ndindex(*batch):
        _multiply(lefts[place], rights[place], found[place])
    if a.ndim == 1:
        found = found[..., 0, :]
    product: Array = found[..., 0] if b.ndim == 1 else found
    return product


def _multiply(a: Array, b: Array, found: Array) -> None:
    """The product of two matrices, a block of its columns and rows at a time."""
    slices = 3 if found.dtype == np.float64 else 2
    inner = max(a.shape[1], 1)
    terms = [slice(start, start + _MOST_TERMS) for start in range(0, inner, _MOST_TERMS)]
    columns = max(BLOCK // min(inner, _MOST_TERMS), 1)
    for column in range(0, b.shape[1], columns):
        rights = [_sliced(b[part, column : column + columns], 0, slices) for part in terms]
        width = rights[0][1].shape[1]
        rows = max(BLOCK // max(width, min(inner, _MOST_TERMS)), 1)
        for row in range(0, len(a), rows):
            block: Array | float = 0.0
            for part, right in zip(terms, rights, strict=True):
                block = block + _product(_sliced(a[row : row + rows, part], 1, slices), right)
            found[row : row + rows, column : column + columns] = block


_Slices = tuple[list[Array], Array]


def _product(left: _Slices, right: _Slices) -> Array:
    """The smallest products first, each exact."""
    (lefts, left_scale), (rights, right_scale) = left, right
    slices = len(lefts)
    pairs = [(i, j) for i in range(slices) for j in range(slices) if i + j <= slices]
    found: Array | float = 0.0
    for i, j in sorted(pairs, key=lambda pair: (-sum(pair), pair)):
        found = found + np.matmul(lefts[i], rights[j]) * 2.0 ** (-_BITS * (i + j + 2))
    scaled: Array = found * left_scale * right_scale
    return scaled


def _sliced(x: Array, axis: int, slices: int) -> _Slices:
    """Numbers as sums of integers of 20 bits, each set 20 bits below the one before, and the
    powers of two they are to be multiplied with. Such multiplications round nothing."""
    rest = x.astype(np.float64)
    largest = np.max(np.abs(rest), axis=axis, keepdims=True, initial=0.0)
    _, exponent = np.frexp(largest)
    scale = np.ldexp(1.0, np.clip(exponent, -_FAR, _FAR))
    rest /= scale
    found = []
    for index in range(slices):
        whole = np.rint(rest * 2.0 ** (_BITS * (index + 1)))
        rest -= whole * 2.0 ** (-_BITS * (index + 1))
        found.append(whole)
    return found, scale
