"""Ops that pick or put elements at places that flow in as tensors."""

from __future__ import annotations

from declspore.ir.shape import TensorType, product, static
from declspore.ir.term import Arguments
from declspore.numerics.axes import (
    axis_of,
    from_front,
    named_axes,
    places_of,
    type_of,
    updated,
)
from declspore.numerics.by_numpy import by_numpy
from declspore.numerics.elementwise import numbers_of
from declspore.registry.builder import Builder, Value
from declspore.registry.kind import Misfit
from declspore.registry.op import OpKind
from declspore.registry.signature import Argument, signature
from declspore.registry.types import Choice, Integer, Tensor

_INDICES = Argument("indices", Tensor(), help="integers; the last axis names an element")
_UPDATES = Argument("updates", Tensor(), help="what is put there")


# ---- elements named by their places along the first axes


def _infer_gather_nd(a: Arguments) -> TensorType:
    x, indices = type_of(a.input_x), places_of(a.indices)
    depth = named_axes(x, indices)
    if static(x.shape[1:depth]) is None:
        raise Misfit(f"gather_nd counts places, which needs sizes that are known, found {x}")
    return x.with_shape((*indices.shape[:-1], *x.shape[depth:]))


def _lower_gather_nd(b: Builder, a: Arguments) -> Value:
    indices = b.plain(a.indices)
    depth = type_of(a.indices).shape[-1]
    assert isinstance(depth, int)
    x = b.plain(a.input_x)
    place = None
    for axis in range(depth):
        size = type_of(a.input_x).shape[axis]
        part = indices[..., axis]
        place = part if place is None else place * size + part
    type = type_of(a.input_x)
    flat = b.reshape(x, type, (product(type.shape[:depth]), *type.shape[depth:]))
    return b.from_plain(b.keras.ops.take(flat, place, axis=0))


def _update(word: str, summary: str, adds: bool) -> OpKind:
    def infer(a: Arguments) -> TensorType:
        x = updated(type_of(a.input_x), places_of(a.indices), type_of(a.updates))
        if adds:
            numbers_of(x)
        if adds and static(x.shape) is None:
            raise Misfit(f"{word} needs sizes that are known, found {x}")
        return x

    def lower(b: Builder, a: Arguments) -> Value:
        ops, x = b.keras.ops, b.plain(a.input_x)
        places, updates = b.plain(a.indices), b.plain(a.updates)
        if not adds:
            return b.from_plain(ops.scatter_update(x, places, updates))
        return b.from_plain(x + ops.scatter(places, updates, static(type_of(a.input_x).shape)))

    x = "x[0:2]" if not adds else "ones([3, 4])"
    rest = "[3, 4, 1, 1]" if not adds else "[3, 4]"
    return OpKind(
        name=word,
        signature=signature(Argument("input_x", Tensor(), help="a tensor"), _INDICES, _UPDATES),
        summary=summary,
        example=f"{word}({x}, zeros([3, 1], dtype = i32), ones({rest}))",
        infer=infer,
        lower=lower,
    )


# ---- elements of one axis


def _infer_select(a: Arguments) -> TensorType:
    x, index = type_of(a.input), places_of(a.index)
    axis = axis_of(x, a.axis)
    if index.rank != 1:
        raise Misfit(f"index must have one axis, found {index}")
    return x.with_shape((*x.shape[:axis], *index.shape, *x.shape[axis + 1 :]))


def _lower_select(b: Builder, a: Arguments) -> Value:
    take, axis = b.keras.ops.take, axis_of(a.input, a.axis)
    return b.from_plain(take(b.plain(a.input), b.plain(a.index), axis=axis))


def _infer_elements(a: Arguments) -> TensorType:
    x, indices, updates = type_of(a.input_x), places_of(a.indices), type_of(a.updates)
    axis_of(x, a.axis)
    if indices.rank != x.rank or updates != x.with_shape(indices.shape):
        raise Misfit(f"indices {indices} and updates {updates} must have the axes of {x}")
    beside = [n for n in range(x.rank) if n != axis_of(x, a.axis)]
    if any(x.shape[n] != indices.shape[n] for n in beside):
        raise Misfit(f"{indices} must have the sizes of {x} on axes other than {a.axis}")
    if a.reduction == "add":
        numbers_of(x)
    size = x.shape[axis_of(x, a.axis)]
    if not isinstance(size, int):
        raise Misfit(f"axis {a.axis} of {x} must have a known size")
    return x


def _lower_elements(b: Builder, a: Arguments) -> Value:
    """A code says, for every update, where it goes; indices below 0 count from the end."""
    ops, axis = b.keras.ops, axis_of(a.input_x, a.axis)
    x, updates = b.plain(a.input_x), b.plain(a.updates)
    size = type_of(a.input_x).shape[axis]
    assert isinstance(size, int)
    code = ops.one_hot(from_front(ops, b.plain(a.indices), size), size, axis=axis, dtype="int32")
    updates = ops.expand_dims(updates, axis)
    spread = ops.where(code > 0, updates, ops.zeros_like(updates))
    total = ops.cast(ops.sum(spread, axis=axis + 1), x.dtype)
    if a.reduction == "add":
        return b.from_plain(x + total)
    taken = ops.sum(code, axis=axis + 1)
    return b.from_plain(ops.where(taken > 0, total, x))


KINDS = (
    OpKind(
        name="gather_nd",
        signature=signature(Argument("input_x", Tensor(), help="a tensor"), _INDICES),
        summary="Elements by their places along the first axes.",
        example="gather_nd(x, zeros([3, 2], dtype = i32))",
        infer=_infer_gather_nd,
        lower=_lower_gather_nd,
        **by_numpy(_lower_gather_nd),
    ),
    OpKind(
        name="index_select",
        signature=signature(
            Argument("input", Tensor(), help="a tensor"),
            Argument("axis", Integer(), help="the axis the index is of"),
            Argument("index", Tensor(), help="integers [n]"),
        ),
        summary="Elements of an axis by index.",
        example="index_select(x, 1, zeros([3], dtype = i32))",
        infer=_infer_select,
        lower=_lower_select,
        **by_numpy(_lower_select),
    ),
    _update("tensor_scatter_update", "The tensor with other values at some places.", False),
    _update("tensor_scatter_add", "The tensor with values added at some places.", True),
    OpKind(
        name="tensor_scatter_elements",
        signature=signature(
            Argument("input_x", Tensor(), help="a tensor"),
            Argument("indices", Tensor(), help="integers, with as many axes"),
            _UPDATES,
            Argument("axis", Integer(), 0, "the axis the indices are of"),
            Argument("reduction", Choice(("none", "add")), "none", "put, or added"),
        ),
        summary=(
            "The tensor with values put at, or added to, an axis's elements; with none, no place "
            "may be named twice."
        ),
        example='tensor_scatter_elements(x, cast(x * 0.0, i32), y, axis = 1, reduction = "add")',
        infer=_infer_elements,
        lower=_lower_elements,
    ),
)
