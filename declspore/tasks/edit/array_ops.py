"""The functions of ``keras.ops`` that ops of edits call, in NumPy, without Keras.

Arithmetic is done in wide types: half precision as float32. Results are the same bits on every
machine: what is added is added in a fixed order (:mod:`declspore.tasks.edit.exact`), and what
comes of the system's mathematics is computed in float64 and rounded.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from types import SimpleNamespace
from typing import Any

import numpy as np

from declspore.ir.dtype import BY_NUMPY
from declspore.tasks.edit import exact
from declspore.tasks.edit.casting import Losses

_HALVES = ("float16", "bfloat16")


def widened(x: Any) -> Any:
    """Half precision as float32; anything else as it is."""
    if isinstance(x, np.ndarray | np.generic) and x.dtype.name in _HALVES:
        return x.astype(np.float32)
    return x


def _simple(apply: Callable[..., Any]) -> Callable[..., Any]:
    return lambda *given: apply(*map(widened, given))


def _precise(apply: Callable[..., Any]) -> Callable[..., Any]:
    """A function whose last bits differ between machines, rounded from float64."""

    def computed(*given: Any) -> Any:
        wide = [widened(x) for x in given]
        dtypes = [x.dtype for x in wide if isinstance(x, np.ndarray | np.generic)]
        result = np.result_type(np.float32, *(d for d in dtypes if d.kind == "f"))
        found = np.empty(np.broadcast_shapes(*(np.shape(x) for x in wide)), result)
        # NumPy converts a buffer at a time, so that no whole array is held in float64
        apply(*wide, out=found, dtype=np.float64, casting="same_kind")
        return found

    return computed


def _axes(x: Any, axis: Any) -> tuple[int, ...]:
    if axis is None:
        return tuple(range(x.ndim))
    given = axis if isinstance(axis, tuple | list) else (axis,)
    return tuple(one % x.ndim for one in given)


def _sum(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    wide = widened(x)
    found = exact.total(wide, _axes(x, axis), keepdims)
    return found.astype(wide.dtype) if wide.dtype.kind == "f" else found


def _mean(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    wide = widened(x)
    axes = _axes(x, axis)
    count = int(np.prod([x.shape[one] for one in axes]))
    found = exact.total(wide, axes, keepdims) / float(count)
    return found.astype(wide.dtype if wide.dtype.kind == "f" else np.float32)


def _matmul(a: Any, b: Any) -> Any:
    return exact.matmul(widened(a), widened(b))


def _split(x: Any, places: Sequence[int], axis: int) -> list[Any]:
    return list(np.split(x, places, axis=axis))


def _unstack(x: Any, axis: int) -> list[Any]:
    return [x[(slice(None),) * axis + (index,)] for index in range(x.shape[axis])]


def _reduced(apply: Callable[..., Any]) -> Callable[..., Any]:
    return lambda x, axis=None, keepdims=False: apply(x, axis=axis, keepdims=keepdims)


OPS = SimpleNamespace(
    # moving elements, whatever their type
    reshape=np.reshape,
    transpose=np.transpose,
    expand_dims=np.expand_dims,
    squeeze=np.squeeze,
    concatenate=np.concatenate,
    stack=np.stack,
    split=_split,
    unstack=_unstack,
    tile=np.tile,
    repeat=np.repeat,
    roll=np.roll,
    flip=np.flip,
    pad=np.pad,
    take=np.take,
    take_along_axis=np.take_along_axis,
    tril=np.tril,
    triu=np.triu,
    where=np.where,
    arange=np.arange,
    zeros_like=np.zeros_like,
    ones_like=np.ones_like,
    full_like=np.full_like,
    stop_gradient=lambda x: x,
    # arithmetic that every machine does alike
    add=_simple(np.add),
    subtract=_simple(np.subtract),
    multiply=_simple(np.multiply),
    true_divide=_simple(np.true_divide),
    floor_divide=_simple(np.floor_divide),
    mod=_simple(np.mod),
    absolute=_simple(np.absolute),
    negative=_simple(np.negative),
    sqrt=_simple(np.sqrt),
    rsqrt=_simple(lambda x: 1.0 / np.sqrt(x)),
    square=_simple(np.square),
    sign=_simple(np.sign),
    floor=_simple(np.floor),
    ceil=_simple(np.ceil),
    round=_simple(np.round),
    maximum=_simple(np.maximum),
    minimum=_simple(np.minimum),
    clip=_simple(np.clip),
    equal=_simple(np.equal),
    not_equal=_simple(np.not_equal),
    less=_simple(np.less),
    less_equal=_simple(np.less_equal),
    greater=_simple(np.greater),
    greater_equal=_simple(np.greater_equal),
    logical_and=np.logical_and,
    logical_or=np.logical_or,
    logical_xor=np.logical_xor,
    logical_not=np.logical_not,
    # in float64, then rounded
    exp=_precise(np.exp),
    log=_precise(np.log),
    log1p=_precise(np.log1p),
    sin=_precise(np.sin),
    cos=_precise(np.cos),
    power=_precise(np.power),
    # adding up
    sum=_sum,
    mean=_mean,
    matmul=_matmul,
    max=_reduced(np.max),
    min=_reduced(np.min),
    all=_reduced(np.all),
    any=_reduced(np.any),
)


def _pooled(data_format: str) -> Callable[[Any], Any]:
    return lambda x: _mean(x, axis=(1, 2))


def keras_of(losses: Losses) -> SimpleNamespace:
    """What stands in the place of ``keras``; casts are put on an account."""

    def cast(x: Any, dtype: str) -> Any:
        return losses.cast(x, BY_NUMPY[dtype])

    ops = SimpleNamespace(**vars(OPS), cast=cast)
    return SimpleNamespace(ops=ops, layers=SimpleNamespace(GlobalAveragePooling2D=_pooled))
