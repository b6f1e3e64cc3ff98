"""Tensors made of numbers, what tensors are, and values that parameters are given."""

from __future__ import annotations

from collections.abc import Sequence
from types import MappingProxyType
from typing import TypeVar

import numpy as np
from numpy.typing import ArrayLike

from declspore.eager.methods import ElementType, as_dtype
from declspore.eager.random import generator
from declspore.eager.sizes import Sizes
from declspore.ir.dtype import FLOAT32, INT64, DType
from declspore.tensor import Tensor

T = TypeVar("T")


def _shape(size: Sizes) -> tuple[int, ...]:
    return (int(size),) if isinstance(size, int | np.integer) else tuple(int(each) for each in size)


def _sizes(given: tuple[Sizes, ...]) -> tuple[int, ...]:
    """A shape that is given as one argument, or a size an argument."""
    return tuple(size for each in given for size in _shape(each))


def _numpy(dtype: ElementType | None, usual: DType = FLOAT32) -> np.dtype[np.generic]:
    return (usual if dtype is None else as_dtype(dtype)).as_numpy()


def zeros(size: Sizes, dtype: ElementType | None = None) -> Tensor:
    """Zeros, float32 unless ``dtype`` says otherwise."""
    return Tensor(np.zeros(_shape(size), _numpy(dtype)))


def ones(shape: Sizes, dtype: ElementType | None = None) -> Tensor:
    """Ones, float32 unless ``dtype`` says otherwise."""
    return Tensor(np.ones(_shape(shape), _numpy(dtype)))


def full(size: Sizes, fill_value: ArrayLike, *, dtype: ElementType | None = None) -> Tensor:
    """Every element ``fill_value``."""
    usual = FLOAT32 if isinstance(fill_value, float) else INT64
    return Tensor(np.full(_shape(size), fill_value, _numpy(dtype, usual)))


def fill(type: ElementType, shape: Sizes, value: ArrayLike) -> Tensor:
    """Every element ``value``, of element type ``type``."""
    return full(shape, value, dtype=type)


def eye(n: int, m: int | None = None, dtype: ElementType | None = None) -> Tensor:
    """Ones on the diagonal."""
    return Tensor(np.eye(n, n if m is None else m, dtype=_numpy(dtype)))


def arange(
    start: float = 0, end: float | None = None, step: float = 1, *, dtype: ElementType | None = None
) -> Tensor:
    """Numbers from ``start`` to ``end`` (exclusive); ``arange(n)`` counts from 0."""
    if end is None:
        start, end = 0, start
    whole = all(isinstance(each, int) for each in (start, end, step))
    return Tensor(np.arange(start, end, step).astype(_numpy(dtype, INT64 if whole else FLOAT32)))


def range_(start: float, end: float, step: float = 1, maxlen: int = 1000000) -> Tensor:
    """:func:`arange`; ``maxlen`` has no effect."""
    return arange(start, end, step)


def linspace(start: float, end: float, steps: int) -> Tensor:
    """``steps`` numbers from ``start`` to ``end``, both included, float32."""
    return Tensor(np.linspace(float(start), float(end), int(steps)).astype(np.float32))


def randn(*size: Sizes, dtype: ElementType | None = None) -> Tensor:
    """Normal numbers; :func:`declspore.set_seed` decides which."""
    shape = _sizes(size)
    return Tensor(generator().standard_normal(shape).astype(_numpy(dtype)))


def standard_normal(shape: Sizes, seed: int | None = None) -> Tensor:
    """Normal numbers, float32."""
    return Tensor(generator(seed).standard_normal(_shape(shape)).astype(np.float32))


def rand(*size: Sizes, dtype: ElementType | None = None) -> Tensor:
    """Uniform numbers from 0 to 1; :func:`declspore.set_seed` decides which."""
    shape = _sizes(size)
    return Tensor(generator().random(shape).astype(_numpy(dtype)))


def uniform(
    shape: Sizes,
    minval: Tensor | float,
    maxval: Tensor | float,
    seed: int | None = None,
    dtype: ElementType | None = None,
) -> Tensor:
    """Uniform numbers from ``minval`` to ``maxval``."""
    low, high = (float(each) for each in (minval, maxval))
    return Tensor(generator(seed).uniform(low, high, _shape(shape)).astype(_numpy(dtype)))


def randint(
    low: int, high: int, size: Sizes, seed: int | None = None, dtype: ElementType | None = None
) -> Tensor:
    """Integers from ``low`` to ``high`` (exclusive), int64."""
    found = generator(seed).integers(low, high, _shape(size))
    return Tensor(found.astype(_numpy(dtype, INT64)))


def randperm(n: int, seed: int = 0, offset: int = 0, dtype: ElementType | None = None) -> Tensor:
    """The integers below ``n`` in random order, int64."""
    return Tensor(generator(seed or None).permutation(n).astype(_numpy(dtype, INT64)))


# ---- what tensors are, and other ops than the vocabulary's


def shape(input_x: Tensor) -> tuple[int, ...]:
    """The sizes of the axes."""
    return input_x.shape


def size(input_x: Tensor) -> int:
    """How many elements there are."""
    return input_x.size


def rank(input_x: Tensor) -> int:
    """How many axes there are."""
    return input_x.ndim


def dtype(input_x: Tensor) -> DType:
    """The element type."""
    return input_x.dtype


def is_tensor(obj: object) -> bool:
    """Whether it is a tensor."""
    return isinstance(obj, Tensor)


def addn(x: Sequence[Tensor]) -> Tensor:
    """The sum of several tensors."""
    total = x[0]
    for each in x[1:]:
        total = total + each
    return total


def depend(value: T, expr: object) -> T:
    """``value``: what Python evaluates is in order already."""
    return value


def print_(*values: object) -> None:
    """Print values, as Python does."""
    print(*values)  # noqa: T201


def assign(variable: Tensor, value: ArrayLike) -> Tensor:
    """Give a parameter another value."""
    array = value.asnumpy() if isinstance(value, Tensor) else np.asarray(value)
    variable.storage.write(array.astype(variable.dtype.as_numpy()))
    return variable


def assign_add(variable: Tensor, value: ArrayLike) -> Tensor:
    """Add to a parameter."""
    return assign(variable, variable + value)


def assign_sub(variable: Tensor, value: ArrayLike) -> Tensor:
    """Subtract from a parameter."""
    return assign(variable, variable - value)


_ALL = (
    *(zeros, ones, full, fill, eye, arange, linspace, randn, rand, uniform, randint, randperm),
    *(standard_normal, shape, size, rank, dtype, is_tensor, addn, depend, print_, assign),
    *(assign_add, assign_sub),
)
MAKERS = MappingProxyType(
    {**{each.__name__: each for each in _ALL}, "range": range_, "numel": size}
)
"""The functions by MindSpore's names."""
