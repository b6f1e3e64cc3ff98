"""Elements taken, put or turned by indices and lengths that flow in as tensors."""

from __future__ import annotations

from declspore.ir.dtype import BOOL
from declspore.ir.shape import TensorType, product, static
from declspore.ir.tensors import Tensor as Plain
from declspore.ir.term import Arguments
from declspore.numerics.axes import axis_of, from_front, places_of, type_of
from declspore.numerics.by_numpy import by_numpy
from declspore.numerics.elementwise import numbers_of
from declspore.registry.builder import Builder, Value
from declspore.registry.kind import Misfit
from declspore.registry.op import OpKind
from declspore.registry.signature import Argument, signature
from declspore.registry.types import Integer, Number, Tensor
from declspore.registry.types import Shape as ShapeType

# ---- segments


def _summed(a: Arguments) -> object:
    """The tensor, which MindSpore's functions have two names for."""
    return a.input_x if "input_x" in a else a.x


def _infer_segments(a: Arguments) -> TensorType:
    x, ids = numbers_of(_summed(a)), places_of(a.segment_ids)
    if not ids.rank or x.shape[: ids.rank] != ids.shape:
        raise Misfit(f"segment_ids must have the first axes of {x}, found {ids}")
    return x.with_shape((a.num_segments, *x.shape[ids.rank :]))


def _segments(word: str, tensor: str, function: str, summary: str) -> OpKind:
    def lower(b: Builder, a: Arguments) -> Value:
        ops, x, ids = b.keras.ops, type_of(_summed(a)), type_of(a.segment_ids)
        rest = x.shape[ids.rank :]
        rows = b.reshape(b.plain(a[tensor]), x, (product(ids.shape), *rest))
        flat = b.reshape(b.plain(a.segment_ids), ids, (product(ids.shape),))
        apply = getattr(ops, function)
        return b.from_plain(apply(rows, flat, num_segments=a.num_segments))

    return OpKind(
        name=word,
        signature=signature(
            Argument(tensor, Tensor(), help="a tensor"),
            Argument("segment_ids", Tensor(), help="the segment of each element of first axes"),
            Argument("num_segments", Integer(1), help="how many segments"),
        ),
        summary=summary,
        example=f"{word}(ones([3, 4]), zeros([3], dtype = i32), 2)",
        infer=_infer_segments,
        lower=lower,
    )


# ---- one axis by index


def _infer_index(a: Arguments, axis: int) -> TensorType:
    x, index = type_of(a.input), places_of(a.index)
    if index.rank != 1:
        raise Misfit(f"index must have one axis, found {index}")
    if not isinstance(x.shape[axis_of(x, axis)], int):
        raise Misfit(f"axis {axis} of {x} must have a known size")
    return x


def _code(b: Builder, a: Arguments, axis: int, dtype: str) -> Plain:
    """Ones [index, size] where an index names an element of the axis."""
    size = type_of(a.input).shape[axis]
    assert isinstance(size, int)
    index = from_front(b.keras.ops, b.plain(a.index), size)
    return b.keras.ops.one_hot(index, size, dtype=dtype)


def _filled_as(a: Arguments) -> Arguments:
    """The arguments of index_add by the names that index_fill has for them."""
    return Arguments(a, input=a.x, index=a.indices)


def _infer_add(a: Arguments) -> TensorType:
    x, y = numbers_of(_infer_index(_filled_as(a), a.axis)), type_of(a.y)
    axis = axis_of(x, a.axis)
    wanted = (*x.shape[:axis], *type_of(a.indices).shape, *x.shape[axis + 1 :])
    if y != x.with_shape(wanted):
        raise Misfit(f"y must be {x.with_shape(wanted)}, found {y}")
    return x


def _lower_add(b: Builder, a: Arguments) -> Value:
    ops, axis = b.keras.ops, axis_of(a.x, a.axis)
    code = _code(b, _filled_as(a), axis, type_of(a.x).dtype.numpy)
    total = ops.matmul(ops.moveaxis(b.plain(a.y), axis, -1), code)
    return b.from_plain(b.plain(a.x) + ops.moveaxis(total, -1, axis))


def _lower_fill(b: Builder, a: Arguments) -> Value:
    ops, axis = b.keras.ops, axis_of(a.input, a.axis)
    named = ops.max(_code(b, a, axis, "int32"), axis=0) > 0
    rank = type_of(a.input).rank
    shape = [-1 if place == axis else 1 for place in range(rank)]
    x = b.plain(a.input)
    return b.from_plain(ops.where(ops.reshape(named, shape), ops.cast(a.value, x.dtype), x))


# ---- lengths


def _infer_reverse(a: Arguments) -> TensorType:
    x, lengths = type_of(a.x), places_of(a.seq_lengths)
    seq, batch = axis_of(x, a.seq_dim), axis_of(x, a.batch_dim)
    if seq == batch:
        raise Misfit(f"seq_dim and batch_dim both name axis {seq}")
    if lengths.shape != (x.shape[batch],):
        raise Misfit(f"seq_lengths must be [{x.shape[batch]}], found {lengths}")
    return x


def _lower_reverse(b: Builder, a: Arguments) -> Value:
    ops = b.keras.ops
    axes = (axis_of(a.x, a.batch_dim), axis_of(a.x, a.seq_dim))
    x = ops.moveaxis(b.plain(a.x), axes, (0, 1))
    line = x[(slice(None), slice(None), *(0,) * (type_of(a.x).rank - 2))]
    place = ops.cumsum(ops.ones_like(line, dtype="int32"), axis=1) - 1
    length = ops.expand_dims(ops.cast(b.plain(a.seq_lengths), "int32"), 1)
    turned = ops.where(place < length, ops.subtract(length - 1, place), place)
    turned = turned[(..., *(None,) * (type_of(a.x).rank - 2))]
    return b.from_plain(ops.moveaxis(ops.take_along_axis(x, turned, axis=1), (0, 1), axes))


def _infer_mask(a: Arguments) -> TensorType:
    lengths = places_of(a.lengths)
    return TensorType(BOOL, (*lengths.shape, a.maxlen))


def _lower_mask(b: Builder, a: Arguments) -> Value:
    ops = b.keras.ops
    lengths = ops.expand_dims(ops.cast(b.plain(a.lengths), "int32"), -1)
    return b.from_plain(lengths > ops.arange(a.maxlen, dtype="int32"))


# ---- a tensor of what is put


def _infer_scatter(a: Arguments) -> TensorType:
    indices, updates = places_of(a.indices), type_of(a.updates)
    depth = indices.shape[-1] if indices.rank else None
    if not isinstance(depth, int) or depth > len(a.shape):
        raise Misfit(f"the last axis of {indices} must name up to {len(a.shape)} axes")
    wanted = (*indices.shape[:-1], *a.shape[depth:])
    if updates.shape != wanted:
        raise Misfit(f"updates must be {updates.with_shape(wanted)}, found {updates}")
    return updates.with_shape(a.shape)


def _lower_scatter(b: Builder, a: Arguments) -> Value:
    shape = static(a.shape)
    return b.from_plain(b.keras.ops.scatter(b.plain(a.indices), b.plain(a.updates), shape))


KINDS = (
    _segments(
        "unsorted_segment_sum", "input_x", "segment_sum", "The sum of the elements of each segment."
    ),
    _segments("unsorted_segment_max", "x", "segment_max", "The largest elements of each segment."),
    _segments("unsorted_segment_min", "x", "segment_min", "The smallest elements of each segment."),
    OpKind(
        name="index_add",
        signature=signature(
            Argument("x", Tensor(), help="a tensor"),
            Argument("indices", Tensor(), help="integers [n]"),
            Argument("y", Tensor(), help="what is added to the elements they name"),
            Argument("axis", Integer(), help="the axis the indices are of"),
        ),
        summary="The tensor with values added to some elements of an axis.",
        example="index_add(x, zeros([4], dtype = i32), y, 1)",
        infer=_infer_add,
        lower=_lower_add,
    ),
    OpKind(
        name="index_fill",
        signature=signature(
            Argument("input", Tensor(), help="a tensor"),
            Argument("axis", Integer(), help="the axis the index is of"),
            Argument("index", Tensor(), help="integers [n]"),
            Argument("value", Number(infinite=True), help="the value at the elements they name"),
        ),
        summary="The tensor with a value at some elements of an axis.",
        example="index_fill(x, 1, zeros([2], dtype = i32), 0.5)",
        infer=lambda a: _infer_index(a, a.axis),
        lower=_lower_fill,
        **by_numpy(_lower_fill),
    ),
    OpKind(
        name="reverse_sequence",
        signature=signature(
            Argument("x", Tensor(), help="a tensor"),
            Argument("seq_lengths", Tensor(), help="how many elements of each sample are turned"),
            Argument("seq_dim", Integer(), help="the axis of the elements"),
            Argument("batch_dim", Integer(), 0, "the axis of the samples"),
        ),
        summary="The first elements of each sample in reverse.",
        example="reverse_sequence(x, cast(y[:, 0, 0, 0], i32), 1)",
        infer=_infer_reverse,
        lower=_lower_reverse,
        **by_numpy(_lower_reverse),
    ),
    OpKind(
        name="sequence_mask",
        signature=signature(
            Argument("lengths", Tensor(), help="integers"),
            Argument("maxlen", Integer(1), help="how long the last axis is"),
        ),
        summary="True at places below each length, along a new last axis.",
        example="sequence_mask(cast(y[:, 0, 0, 0], i32), 4)",
        infer=_infer_mask,
        lower=_lower_mask,
        **by_numpy(_lower_mask),
    ),
    OpKind(
        name="scatter_nd",
        signature=signature(
            Argument("indices", Tensor(), help="integers; the last axis names an element"),
            Argument("updates", Tensor(), help="what is put there"),
            Argument("shape", ShapeType(), help="sizes of the result"),
        ),
        summary="Zeros, with values put at some places; those at one place are added.",
        example="scatter_nd(zeros([3, 1], dtype = i32), ones([3, 4]), [5, 4])",
        infer=_infer_scatter,
        lower=_lower_scatter,
    ),
)
