"""Ops that change the shape of a tensor, and reductions."""

from __future__ import annotations

from declspore.ir.shape import Shape, TensorType, product
from declspore.ir.term import Arguments
from declspore.registry.builder import Builder, Value
from declspore.registry.kind import Misfit
from declspore.registry.op import OpKind
from declspore.registry.signature import Argument, signature
from declspore.registry.types import Boolean, Either, Integer, ListOf, Optional, Tensor

_X = Argument("input", Tensor(), help="a tensor")
_AXES = Optional(Either((Integer(), ListOf(Integer()))))


def _axes(a: Arguments) -> tuple[int, ...]:
    """The axes asked for, counted from the front; all where none are named. Raises Misfit."""
    rank = a.input.type.rank if not isinstance(a.input, TensorType) else a.input.rank
    given = a.axis if isinstance(a.axis, tuple) else (a.axis,)
    if a.axis is None:
        given = tuple(range(rank))
    for axis in given:
        if not -rank <= axis < rank:
            raise Misfit(f"a tensor of {rank} axes has no axis {axis}")
    return tuple(sorted(axis % rank for axis in given))


def _infer_mean(a: Arguments) -> TensorType:
    axes = _axes(a)
    kept = tuple(
        1 if axis in axes else dim
        for axis, dim in enumerate(a.input.shape)
        if a.keep_dims or axis not in axes
    )
    result: TensorType = a.input.with_shape(kept)
    return result


def _lower_mean(b: Builder, a: Arguments) -> Value:
    if a.keep_dims:
        tensor = b.plain(a.input)
        return b.from_plain(b.keras.ops.mean(tensor, axis=_axes(a), keepdims=True))
    tensor, axes = b.axes(a.input, _axes(a))
    spatial = tuple(range(1, a.input.type.rank - 1))
    if axes == spatial and len(spatial) == 2:
        pool = b.keras.layers.GlobalAveragePooling2D(data_format="channels_last")
        return b.from_plain(pool(tensor))
    return b.from_plain(b.keras.ops.mean(b.plain(a.input), axis=_axes(a)))


def _infer_squeeze(a: Arguments) -> TensorType:
    if a.axis is None:
        return a.input.with_shape(tuple(dim for dim in a.input.shape if dim != 1))  # type: ignore[no-any-return]
    axes = _axes(a)
    for axis in axes:
        if a.input.shape[axis] != 1:
            raise Misfit(f"axis {axis} of {a.input} is {a.input.shape[axis]}, not 1")
    kept = tuple(dim for axis, dim in enumerate(a.input.shape) if axis not in axes)
    result: TensorType = a.input.with_shape(kept)
    return result


def _lower_squeeze(b: Builder, a: Arguments) -> Value:
    shape: Shape = a.input.type.shape
    axes = _axes(a) if a.axis is not None else [i for i, dim in enumerate(shape) if dim == 1]
    return b.from_plain(b.keras.ops.squeeze(b.plain(a.input), axis=tuple(axes)))


def _infer_flatten(a: Arguments) -> TensorType:
    if a.input.rank < 2:
        raise Misfit(f"flatten takes [N, ...], found {a.input}")
    shape: Shape = a.input.shape
    result: TensorType = a.input.with_shape((shape[0], product(shape[1:])))
    return result


def _infer_concat(a: Arguments) -> TensorType:
    first, *others = a.tensors
    rank = first.rank
    if not -rank <= a.axis < rank:
        raise Misfit(f"{first} has no axis {a.axis}")
    axis = a.axis % rank
    total = first.shape[axis]
    for other in others:
        same = other.rank == rank and all(
            left == right
            for i, (left, right) in enumerate(zip(first.shape, other.shape, strict=False))
            if i != axis
        )
        if not same or other.dtype != first.dtype:
            raise Misfit(f"{first} and {other} differ beside axis {axis}")
        total = total + other.shape[axis]
    result: TensorType = first.with_shape((*first.shape[:axis], total, *first.shape[axis + 1 :]))
    return result


def _lower_concat(b: Builder, a: Arguments) -> Value:
    axis = a.axis % a.tensors[0].type.rank
    if a.tensors[0].type.rank == 4:
        tensors = [b.channels_last(value) for value in a.tensors]
        last = {0: 0, 1: 3, 2: 1, 3: 2}[axis]
        return b.from_channels_last(b.keras.ops.concatenate(tensors, axis=last))
    tensors = [b.plain(value) for value in a.tensors]
    return b.from_plain(b.keras.ops.concatenate(tensors, axis=axis))


KINDS = (
    OpKind(
        name="mean",
        signature=signature(
            _X,
            Argument("axis", _AXES, None, "an axis or a list of them; none: all"),
            Argument("keep_dims", Boolean(), False, "whether the axes stay with size 1"),
        ),
        summary="The mean over some axes.",
        example="x |> mean(axis = [2, 3])",
        infer=_infer_mean,
        lower=_lower_mean,
    ),
    OpKind(
        name="squeeze",
        signature=signature(_X, Argument("axis", _AXES, None, "axes of size 1; none: all such")),
        summary="The tensor without axes of size 1.",
        example="x |> squeeze(axis = [2, 3])",
        infer=_infer_squeeze,
        lower=_lower_squeeze,
    ),
    OpKind(
        name="flatten",
        signature=signature(_X),
        summary="[N, ...] to [N, features], features in the order of the axes.",
        example="x |> flatten",
        infer=_infer_flatten,
        lower=lambda b, a: b.flatten(a.input),
    ),
    OpKind(
        name="concat",
        signature=signature(
            Argument("tensors", ListOf(Tensor()), help="tensors equal beside one axis"),
            Argument("axis", Integer(), 0, "the axis along which they are joined"),
        ),
        summary="Tensors joined along an axis.",
        example="concat([x, y], axis = 1)",
        infer=_infer_concat,
        lower=_lower_concat,
    ),
)
