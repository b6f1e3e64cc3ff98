"""What puts elements at places, or combines those of segments. Places below 0 are of no segment."""

from __future__ import annotations

from collections.abc import Callable
from math import prod
from typing import Any

import numpy as np

from declspore.exports.onnx.graph import Lower, Lowering, Tensor, WithoutForm
from declspore.exports.onnx.words.arrange import part
from declspore.ir.dtype import BOOL, INT64
from declspore.ir.shape import product, static
from declspore.ir.term import Arguments
from declspore.numerics.axes import axes_of, axis_of

# ---- elements named by their places along the first axes


def _scatter(reduction: str, change: str | None = None) -> Callable[..., str]:
    """``change`` is what is made of the updates first."""

    def lower(n: Lowering, a: Arguments) -> str:
        updates = a.updates.name
        if change is not None:
            updates = n.emit(change, updates)
        places = n.cast(a.indices, INT64)
        return n.emit("ScatterND", a.input_x, places, updates, reduction=reduction)

    return lower


def _divided(n: Lowering, a: Arguments) -> str:
    """By the product of what goes to a place."""
    sizes = static(a.input_x.type.shape)
    if sizes is None or not n.type.dtype.is_float:
        raise WithoutForm("it divides integers, or a tensor of free sizes")
    ones = n.constant(np.ones(sizes), n.type.dtype.numpy)
    places = n.cast(a.indices, INT64)
    divisors = n.emit("ScatterND", ones, places, a.updates, reduction="mul")
    return n.emit("Div", a.input_x, divisors)


def _scatter_nd(n: Lowering, a: Arguments) -> str:
    nothing = n.emit("Expand", n.scalar(0, n.type.dtype), n.sizes(n.type.shape))
    return n.emit("ScatterND", nothing, n.cast(a.indices, INT64), a.updates, reduction="add")


def _elements(n: Lowering, a: Arguments) -> str:
    axis = axis_of(a.input_x, a.axis)
    places = n.cast(a.indices, INT64)
    given = a.input_x, places, a.updates
    return n.emit("ScatterElements", *given, axis=axis, reduction=a.reduction)


# ---- elements of one axis


def _spread(n: Lowering, index: Tensor, axis: int, rank: int, sizes: str) -> str:
    """A line of places along an axis, alike along all others."""
    line = [1] * rank
    line[axis] = -1
    shaped = n.emit("Reshape", n.cast(index, INT64), n.constant(line))
    return n.emit("Expand", shaped, sizes)


def _index_add(n: Lowering, a: Arguments) -> str:
    axis = axis_of(a.x, a.axis)
    places = _spread(n, a.indices, axis, a.x.type.rank, n.emit("Shape", a.y))
    return n.emit("ScatterElements", a.x, places, a.y, axis=axis, reduction="add")


def _index_fill(n: Lowering, a: Arguments) -> str:
    axis, shape = axis_of(a.input, a.axis), a.input.type.shape
    sizes = n.sizes((*shape[:axis], *a.index.type.shape, *shape[axis + 1 :]))
    places = _spread(n, a.index, axis, len(shape), sizes)
    values = n.emit("Expand", n.cast(a.value, n.type.dtype), sizes)
    return n.emit("ScatterElements", a.input, places, values, axis=axis)


# ---- segments


def _segments(reduction: str) -> Callable[..., str]:
    """A row more takes what is of no segment."""

    def lower(n: Lowering, a: Arguments) -> str:
        x: Tensor = a.input_x if "input_x" in a else a.x
        ids: Tensor = a.segment_ids
        rest = x.type.shape[ids.type.rank :]
        rows = n.reshape(x.name, x.type.shape, (product(ids.type.shape), *rest))
        flat = n.emit("Reshape", n.cast(ids, INT64), n.constant([-1, 1]))
        none = n.emit("Less", flat, n.constant(0))
        places = n.emit("Where", none, n.constant(a.num_segments), flat)
        first = n.scalar(_first(reduction, n.type.dtype.as_numpy()), n.type.dtype)
        begun = n.emit("Expand", first, n.sizes((a.num_segments + 1, *rest)))
        found = n.emit("ScatterND", begun, places, rows, reduction=reduction)
        return part(n, found, 0, 0, a.num_segments)

    return lower


def _first(reduction: str, dtype: np.dtype[Any]) -> float:
    """What combines with everything to that."""
    if reduction == "add":
        return 0
    limits = np.finfo(dtype) if np.issubdtype(dtype, np.floating) else np.iinfo(dtype)
    return limits.min if reduction == "max" else limits.max


# ---- lengths


def _reverse(n: Lowering, a: Arguments) -> str:
    """ONNX has samples and elements along the first two axes."""
    rank = a.x.type.rank
    batch, seq = axis_of(a.x, a.batch_dim), axis_of(a.x, a.seq_dim)
    order = [batch, seq, *(axis for axis in range(rank) if axis not in (batch, seq))]
    value = a.x.name if order == list(range(rank)) else n.emit("Transpose", a.x, perm=order)
    lengths = n.emit("Max", n.cast(a.seq_lengths, INT64), n.constant(0))
    size = n.graph.size(a.x.type.shape[seq])
    lengths = n.emit("Min", lengths, size)
    found = n.emit("ReverseSequence", value, lengths, batch_axis=0, time_axis=1)
    if order == list(range(rank)):
        return found
    return n.emit("Transpose", found, perm=[order.index(axis) for axis in range(rank)])


def _mask(n: Lowering, a: Arguments) -> str:
    lengths = n.emit("Unsqueeze", n.cast(a.lengths, INT64), n.constant([-1]))
    return n.emit("Greater", lengths, n.constant(list(range(a.maxlen))))


# ---- what a pool took


def _unpool(n: Lowering, a: Arguments, x: Tensor, indices: Tensor, **options: object) -> str:
    """Zeros, but at places that are numbered through the spatial axes."""
    shape = n.type.shape
    room = prod(static(shape[2:]) or ())
    line = n.constant([0, 0, -1])
    values, places = (n.emit("Reshape", one, line) for one in (x.name, n.cast(indices, INT64)))
    nothing = n.emit("Expand", n.scalar(0, n.type.dtype), n.sizes((*shape[:2], room)))
    put = n.emit("ScatterElements", nothing, places, values, axis=2)
    return n.emit("Reshape", put, n.constant([0, 0, *shape[2:]]))


def _unpool_op(n: Lowering, a: Arguments) -> str:
    return _unpool(n, a, a.input, a.indices)


def _count(n: Lowering, a: Arguments) -> str:
    axes = n.constant(list(axes_of(a.input, a.axis)))
    is_set = n.cast(a.input, BOOL)
    numbers = n.emit("Cast", is_set, to=n.type.dtype.numpy)
    return n.emit("ReduceSum", numbers, axes, keepdims=int(a.keep_dims))


LOWERINGS: dict[str, Lower] = {
    "tensor_scatter_update": _scatter("none"),
    "tensor_scatter_add": _scatter("add"),
    "tensor_scatter_sub": _scatter("add", "Neg"),
    "tensor_scatter_mul": _scatter("mul"),
    "tensor_scatter_max": _scatter("max"),
    "tensor_scatter_min": _scatter("min"),
    "tensor_scatter_div": _divided,
    "tensor_scatter_elements": _elements,
    "scatter_nd": _scatter_nd,
    "index_add": _index_add,
    "index_fill": _index_fill,
    "unsorted_segment_sum": _segments("add"),
    "unsorted_segment_max": _segments("max"),
    "unsorted_segment_min": _segments("min"),
    "reverse_sequence": _reverse,
    "sequence_mask": _mask,
    **{f"MaxUnpool{n}d": _unpool for n in (1, 2, 3)},
    **{f"max_unpool{n}d": _unpool_op for n in (1, 2, 3)},
    "count_nonzero": _count,
}
