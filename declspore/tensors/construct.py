"""Constructors of tensors from numbers."""

from __future__ import annotations

from typing import Any

from declspore.ir.dtype import FLOAT32, INT64
from declspore.ir.shape import TensorType, sizes_of
from declspore.ir.tensors import Array, Ops
from declspore.ir.term import Arguments, leaves, show
from declspore.numerics.fills import require_value
from declspore.registry.kind import Misfit
from declspore.registry.signature import Argument, signature
from declspore.registry.tensor import TensorKind
from declspore.registry.types import ElementType, Integer, Number, Numbers, Optional, Shape

_SHAPE = Argument("shape", Shape(), help="sizes of the axes")
_FREE_SHAPE = Argument("shape", Shape(symbolic=True), help="sizes of the axes")
_DTYPE = Argument("dtype", ElementType(), FLOAT32, "element type")
_SEED = Argument("seed", Integer(0), help="the same seed gives the same numbers anywhere")


def _shaped(a: Arguments) -> TensorType:
    if a.dtype.is_integer and "value" in a:
        require_value(a.value, a.dtype)
    if any(isinstance(size, int) and size < 0 for size in a.shape):
        raise Misfit(f"a size is at least 0, found {show(a.shape)}")
    return TensorType(a.dtype, a.shape)


def _constant(value: float | None) -> Any:
    def compute(np: Ops, a: Arguments) -> Array:
        fill = a.value if value is None else value
        return np.full(a.shape, fill, dtype=a.dtype.as_numpy())

    return compute


def _normal(np: Ops, a: Arguments) -> Array:
    numbers = np.asarray(np.random.Generator(np.random.Philox(a.seed)).standard_normal(a.shape))
    numbers *= a.std
    numbers += a.mean
    return numbers.astype(a.dtype.as_numpy())


def _uniform(np: Ops, a: Arguments) -> Array:
    numbers = np.asarray(np.random.Generator(np.random.Philox(a.seed)).random(a.shape))
    numbers *= a.high - a.low
    numbers += a.low
    return numbers.astype(a.dtype.as_numpy())


def _infer_literal(a: Arguments) -> TensorType:
    shape = sizes_of(a.data)
    if a.dtype is not None:
        for number in leaves(a.data) if a.dtype.is_integer else ():
            require_value(number, a.dtype)
        return TensorType(a.dtype, shape)
    all_whole = all(isinstance(number, int) for number in leaves(a.data))
    return TensorType(INT64 if all_whole else FLOAT32, shape)


def _literal(np: Ops, a: Arguments) -> Array:
    found = _infer_literal(a)
    exact = np.array(a.data, dtype=object).reshape(found.shape)
    return exact.astype(found.dtype.as_numpy())


KINDS = (
    TensorKind(
        name="zeros",
        signature=signature(_FREE_SHAPE, _DTYPE),
        summary="Every element 0.",
        example="zeros([10])",
        infer=_shaped,
        compute=_constant(0),
    ),
    TensorKind(
        name="ones",
        signature=signature(_FREE_SHAPE, _DTYPE),
        summary="Every element 1.",
        example="ones([10], dtype = f16)",
        infer=_shaped,
        compute=_constant(1),
    ),
    TensorKind(
        name="full",
        signature=signature(
            _FREE_SHAPE, Argument("value", Number(infinite=True), help="of every element"), _DTYPE
        ),
        summary="Every element `value`.",
        example="full([10], 0.5)",
        infer=_shaped,
        compute=_constant(None),
    ),
    TensorKind(
        name="normal",
        signature=signature(
            _SHAPE,
            Argument("std", Number(above=0.0), 1.0, "standard deviation"),
            Argument("mean", Number(), 0.0, "mean"),
            _SEED,
            _DTYPE,
        ),
        summary="Normal numbers from NumPy's Philox generator.",
        example="normal([10, 84], std = 0.02, seed = 7)",
        infer=_shaped,
        compute=_normal,
    ),
    TensorKind(
        name="uniform",
        signature=signature(
            _SHAPE,
            Argument("low", Number(), -1.0, "smallest"),
            Argument("high", Number(), 1.0, "upper bound"),
            _SEED,
            _DTYPE,
        ),
        summary="Uniform numbers from NumPy's Philox generator.",
        example="uniform([10], low = -0.1, high = 0.1, seed = 7)",
        infer=_shaped,
        compute=_uniform,
    ),
    TensorKind(
        name="tensor",
        signature=signature(
            Argument("data", Numbers(), help="its values"),
            Argument("dtype", Optional(ElementType()), None, "none: i64 for integers, else f32"),
        ),
        summary="The numbers given.",
        example="tensor([0, 1], dtype = i32)",
        infer=_infer_literal,
        compute=_literal,
    ),
)
