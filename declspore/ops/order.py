"""Ops that order elements, or accumulate along an axis."""

from __future__ import annotations

from typing import Any

from declspore.ir.dtype import INT32, INT64
from declspore.ir.shape import TensorType
from declspore.ir.term import Arguments
from declspore.registry.axes import axis_of, type_of
from declspore.registry.builder import Builder, Value
from declspore.registry.op import OpKind
from declspore.registry.signature import Argument, signature
from declspore.registry.types import Boolean, Integer, Tensor

_X = Argument("input", Tensor(), help="a tensor")
_AXIS = Argument("axis", Integer(), -1, "the axis")


def _extreme(word: str, place: str, summary: str) -> OpKind:
    def infer(a: Arguments) -> tuple[TensorType, TensorType]:
        x = type_of(a.input)
        axis = axis_of(x, a.axis)
        kept = (1,) if a.keepdims else ()
        found = x.with_shape((*x.shape[:axis], *kept, *x.shape[axis + 1 :]))
        return found, TensorType(INT64, found.shape)

    def lower(b: Builder, a: Arguments) -> tuple[Value, ...]:
        ops, x, axis = b.keras.ops, b.plain(a.input), axis_of(a.input, a.axis)
        values = getattr(ops, word)(x, axis=axis, keepdims=a.keepdims)
        places = getattr(ops, place)(x, axis=axis, keepdims=a.keepdims)
        return b.results(values, ops.cast(places, "int64"))

    return OpKind(
        name=word,
        signature=signature(
            _X,
            Argument("axis", Integer(), help="the axis"),
            Argument("keepdims", Boolean(), False, "whether the axis stays with size 1"),
        ),
        summary=summary,
        example=f"{word}(x, axis = 1)[0]",
        infer=infer,
        lower=lower,
    )


def _infer_sort(a: Arguments) -> tuple[TensorType, TensorType]:
    axis_of(a.input, a.axis)
    x = type_of(a.input)
    return x, TensorType(INT32, x.shape)


def _lower_sort(b: Builder, a: Arguments) -> tuple[Value, ...]:
    """Falling order is the rising one of what is turned around."""
    ops, x, axis = b.keras.ops, b.plain(a.input), axis_of(a.input, a.axis)
    places = ops.argsort(-x if a.descending else x, axis=axis)
    return b.results(ops.take_along_axis(x, places, axis=axis), ops.cast(places, "int32"))


def _infer_cumprod(a: Arguments) -> TensorType:
    axis_of(a.input, a.dim)
    return type_of(a.input)


def _lower_cumprod(b: Builder, a: Arguments) -> Value:
    found: Any = b.keras.ops.cumprod(b.plain(a.input), axis=axis_of(a.input, a.dim))
    return b.from_plain(found)


KINDS = (
    _extreme("max", "argmax", "The largest elements along an axis, and where they are."),
    _extreme("min", "argmin", "The smallest elements along an axis, and where they are."),
    OpKind(
        name="sort",
        signature=signature(
            _X, _AXIS, Argument("descending", Boolean(), False, "whether the largest comes first")
        ),
        summary="The elements in order along an axis, and where they were.",
        example="sort(x, axis = 1)[0]",
        infer=_infer_sort,
        lower=_lower_sort,
    ),
    OpKind(
        name="cumprod",
        signature=signature(_X, Argument("dim", Integer(), help="the axis")),
        summary="Products of the elements up to each, along an axis.",
        example="x |> cumprod(1)",
        infer=_infer_cumprod,
        lower=_lower_cumprod,
    ),
)
