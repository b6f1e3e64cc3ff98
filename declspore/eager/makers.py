"""Tensors made of numbers, what tensors are, and values that parameters are given."""

from __future__ import annotations

from collections.abc import Sequence
from types import MappingProxyType
from typing import Any

import numpy as np

from declspore.eager.methods import as_dtype
from declspore.eager.random import generator
from declspore.ir.dtype import FLOAT32, INT64, DType
from declspore.tensor import Tensor


def _shape(size: Any) -> tuple[int, ...]:
    return (int(size),) if isinstance(size, int) else tuple(int(each) for each in size)


def _numpy(dtype: Any, usual: DType = FLOAT32) -> Any:
    return (usual if dtype is None else as_dtype(dtype)).as_numpy()


def zeros(size: Any, dtype: Any = None) -> Tensor:
    """Zeros, float32 unless ``dtype`` says otherwise."""
    return Tensor(np.zeros(_shape(size), _numpy(dtype)))


def ones(size: Any, dtype: Any = None) -> Tensor:
    """Ones, float32 unless ``dtype`` says otherwise."""
    return Tensor(np.ones(_shape(size), _numpy(dtype)))


def full(size: Any, fill_value: Any, *, dtype: Any = None) -> Tensor:
    """Every element ``fill_value``."""
    usual = FLOAT32 if isinstance(fill_value, float) else INT64
    return Tensor(np.full(_shape(size), fill_value, _numpy(dtype, usual)))


def fill(type: Any, shape: Any, value: Any) -> Tensor:
    """Every element ``value``, of element type ``type``."""
    return full(shape, value, dtype=type)


def eye(n: int, m: int | None = None, dtype: Any = None) -> Tensor:
    """Ones on the diagonal."""
    return Tensor(np.eye(n, n if m is None else m, dtype=_numpy(dtype)))


def arange(start: Any = 0, end: Any = None, step: Any = 1, *, dtype: Any = None) -> Tensor:
    """Numbers from ``start`` to ``end`` (exclusive); ``arange(n)`` counts from 0."""
    if end is None:
        start, end = 0, start
    whole = all(isinstance(each, int) for each in (start, end, step))
    return Tensor(np.arange(start, end, step).astype(_numpy(dtype, INT64 if whole else FLOAT32)))


def range_(start: Any, end: Any, step: Any = 1, maxlen: int = 1000000) -> Tensor:
    """:func:`arange`; ``maxlen`` has no effect."""
    return arange(start, end, step)


def linspace(start: float, end: float, steps: int) -> Tensor:
    """``steps`` numbers from ``start`` to ``end``, both included, float32."""
    return Tensor(np.linspace(float(start), float(end), int(steps)).astype(np.float32))


def randn(*size: Any, dtype: Any = None) -> Tensor:
    """Normal numbers; :func:`declspore.set_seed` decides which."""
    shape = _shape(size[0]) if len(size) == 1 else size
    return Tensor(generator().standard_normal(shape).astype(_numpy(dtype)))


def standard_normal(shape: Any, seed: int | None = None) -> Tensor:
    """Normal numbers, float32."""
    return Tensor(generator(seed).standard_normal(_shape(shape)).astype(np.float32))


def rand(*size: Any, dtype: Any = None) -> Tensor:
    """Uniform numbers from 0 to 1; :func:`declspore.set_seed` decides which."""
    shape = _shape(size[0]) if len(size) == 1 else size
    return Tensor(generator().random(shape).astype(_numpy(dtype)))


def uniform(
    shape: Any, minval: Any, maxval: Any, seed: int | None = None, dtype: Any = None
) -> Tensor:
    """Uniform numbers from ``minval`` to ``maxval``."""
    low, high = (float(each) for each in (minval, maxval))
    return Tensor(generator(seed).uniform(low, high, _shape(shape)).astype(_numpy(dtype)))


def randint(low: int, high: int, size: Any, seed: int | None = None, dtype: Any = None) -> Tensor:
    """Integers from ``low`` to ``high`` (exclusive), int64."""
    found = generator(seed).integers(low, high, _shape(size))
    return Tensor(found.astype(_numpy(dtype, INT64)))


def randperm(n: int, seed: int = 0, offset: int = 0, dtype: Any = None) -> Tensor:
    """The integers below ``n`` in random order, int64."""
    return Tensor(generator(seed or None).permutation(n).astype(_numpy(dtype, INT64)))


# ---- what tensors are, and other ops than the vocabulary's


def shape(input_x: Tensor) -> Any:
    """The sizes of the axes."""
    return input_x.shape


def size(input_x: Tensor) -> Any:
    """How many elements there are."""
    return input_x.size


def rank(input_x: Tensor) -> int:
    """How many axes there are."""
    return input_x.ndim


def dtype(input_x: Tensor) -> DType:
    """The element type."""
    return input_x.dtype


def is_tensor(obj: Any) -> bool:
    """Whether it is a tensor."""
    return isinstance(obj, Tensor)


def addn(x: Sequence[Tensor]) -> Tensor:
    """The sum of several tensors."""
    total = x[0]
    for each in x[1:]:
        total = total + each
    return total


def depend(value: Any, expr: Any) -> Any:
    """``value``: what Python evaluates is in order already."""
    return value


def print_(*values: Any) -> None:
    """Print values, as Python does."""
    print(*values)  # noqa: T201


def assign(variable: Tensor, value: Any) -> Tensor:
    """Give a parameter another value."""
    array = value.asnumpy() if isinstance(value, Tensor) else np.asarray(value)
    variable.storage.write(array.astype(variable.dtype.as_numpy()))
    return variable


def assign_add(variable: Tensor, value: Any) -> Tensor:
    """Add to a parameter."""
    return assign(variable, variable + value)


def assign_sub(variable: Tensor, value: Any) -> Tensor:
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
