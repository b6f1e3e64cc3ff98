"""Ops that give a tensor another shape or order of axes, and leave its elements as they are."""

from __future__ import annotations

from declspore.ir.formula import Applied
from declspore.ir.shape import (
    Affine,
    Dim,
    Shape,
    TensorType,
    exact_quotient,
    product,
    show_shape,
)
from declspore.ir.tensors import Array
from declspore.ir.term import Arguments
from declspore.numerics.axes import AXES, axes_of, axis_of, type_of
from declspore.numerics.broadcast import broadcast
from declspore.numerics.free_sizes import repeated, reshaped
from declspore.registry import types
from declspore.registry.arrays import Arrays
from declspore.registry.builder import Builder, Value
from declspore.registry.inverse import Undone, back_in_shape, listed, the_operand
from declspore.registry.kind import Misfit
from declspore.registry.op import OpKind
from declspore.registry.signature import Argument, signature
from declspore.registry.types import Integer, ListOf, Tensor

_X = Argument("input", Tensor(), help="a tensor")


# ---- shapes


def _infer_reshape(a: Arguments) -> TensorType:
    x = type_of(a.input)
    return x.with_shape(_completed(x, a.shape))


def _completed(x: TensorType, wanted: Shape) -> Shape:
    """The shape asked for with its -1 filled in. Raises Misfit."""
    free = [axis for axis, dim in enumerate(wanted) if isinstance(dim, int) and dim == -1]
    if len(free) > 1 or any(isinstance(dim, int) and dim < -1 for dim in wanted):
        raise Misfit(f"{show_shape(wanted)} is not a shape: one size may be -1")
    total = product(x.shape)
    if not free:
        if product(wanted) != total:
            raise Misfit(f"{x} has {total} elements, {show_shape(wanted)} {product(wanted)}")
        return wanted
    rest = _divided(x, wanted, free[0])
    return tuple(rest if axis == free[0] else dim for axis, dim in enumerate(wanted))


def _divided(x: TensorType, wanted: Shape, free: int) -> Dim:
    """What is left of the elements of ``x`` for one size. Raises Misfit."""
    left, others = list(x.shape), []
    for axis, dim in enumerate(wanted):
        if axis != free and isinstance(dim, Affine) and dim in left:
            left.remove(dim)
        elif axis != free:
            others.append(dim)
    number = product(tuple(others))
    if number == 0:
        raise Misfit(f"{show_shape(wanted)} has a size 0 next to -1")
    quotient = exact_quotient(product(tuple(left)), number)
    if quotient is None:
        raise Misfit(f"the elements of {x} do not divide into {show_shape(wanted)}")
    return quotient


def _lower_reshape(b: Builder, a: Arguments) -> Value:
    return b.from_plain(b.reshape(b.plain(a.input), type_of(a.input), b.output_type.shape))


def _compute_reshape(n: Arrays, a: Arguments) -> Array:
    return n.np.reshape(a.input.array, n.type.shape)


def _infer_expand(a: Arguments) -> TensorType:
    x = type_of(a.input)
    axis = axis_of(x, a.axis, extra=1)
    return x.with_shape((*x.shape[:axis], 1, *x.shape[axis:]))


def _lower_expand(b: Builder, a: Arguments) -> Value:
    axis = axis_of(a.input, a.axis, extra=1)
    return b.from_plain(b.keras.ops.expand_dims(b.plain(a.input), axis))


def _squeezed(a: Arguments) -> tuple[int, ...]:
    x = type_of(a.input)
    if a.axis is None:
        return tuple(axis for axis, dim in enumerate(x.shape) if dim == 1)
    axes = axes_of(x, a.axis)
    for axis in axes:
        if x.shape[axis] != 1:
            raise Misfit(f"axis {axis} of {x} is {x.shape[axis]}, not 1")
    return axes


def _infer_squeeze(a: Arguments) -> TensorType:
    x, axes = type_of(a.input), _squeezed(a)
    return x.with_shape(tuple(dim for axis, dim in enumerate(x.shape) if axis not in axes))


def _lower_squeeze(b: Builder, a: Arguments) -> Value:
    """To Keras no axes are all, so that a batch of one sample would lose its own."""
    axes = _squeezed(a)
    return b.from_plain(b.keras.ops.squeeze(b.plain(a.input), axis=axes)) if axes else a.input


def _joined(a: Arguments) -> tuple[int, int]:
    """The first and the last axis that are joined; a vector stays one. Raises Misfit."""
    x = type_of(a.input)
    if x.rank == 1 and (a.start_dim, a.end_dim) == (1, -1):
        return 0, 0
    if not x.rank:
        raise Misfit(f"flatten takes [N, ...], found {x}", "reshape(x, [1])")
    first, last = axis_of(x, a.start_dim), axis_of(x, a.end_dim)
    if first > last:
        raise Misfit(f"axis {first} of {x} comes after axis {last}")
    return first, last


def _infer_flatten(a: Arguments) -> TensorType:
    x, (first, last) = type_of(a.input), _joined(a)
    joined = product(x.shape[first : last + 1])
    return x.with_shape((*x.shape[:first], joined, *x.shape[last + 1 :]))


def _lower_flatten(b: Builder, a: Arguments) -> Value:
    if _joined(a) == (1, type_of(a.input).rank - 1):
        return b.flatten(a.input)
    return _lower_reshape(b, a)


def _infer_broadcast(a: Arguments) -> TensorType:
    x = type_of(a.input)
    before = len(a.shape) - x.rank
    wanted = tuple(
        x.shape[axis - before] if dim == -1 and axis >= before else dim
        for axis, dim in enumerate(a.shape)
    )
    found = broadcast(x.shape, wanted)
    if found != wanted:
        raise Misfit(f"{x} does not broadcast to {show_shape(a.shape)}")
    return x.with_shape(found)


def _lower_broadcast(b: Builder, a: Arguments) -> Value:
    return b.from_plain(b.broadcast_to(b.plain(a.input), type_of(a.input), b.output_type.shape))


def _compute_broadcast(n: Arrays, a: Arguments) -> Array:
    return n.np.broadcast_to(a.input.array, n.type.shape)


# ---- axes


def _permutation(a: Arguments) -> tuple[int, ...]:
    x = type_of(a.input)
    order = tuple(axis_of(x, axis) for axis in a.axis)
    if sorted(order) != list(range(x.rank)):
        raise Misfit(f"{list(a.axis)} does not name each axis of {x} once")
    return order


def _infer_transpose(a: Arguments) -> TensorType:
    x = type_of(a.input)
    return x.with_shape(tuple(x.shape[axis] for axis in _permutation(a)))


def _lower_transpose(b: Builder, a: Arguments) -> Value:
    return b.from_plain(b.keras.ops.transpose(b.plain(a.input), _permutation(a)))


def _compute_transpose(n: Arrays, a: Arguments) -> Array:
    return n.np.transpose(a.input.array, _permutation(a))


def _undo_transpose(formula: Applied, text: str) -> Undone:
    operand = the_operand(formula)
    rank = operand.type.rank
    axes = [axis % rank for axis in formula.arguments.axis]
    return [(operand, f"transpose({text}, {listed(axes.index(axis) for axis in range(rank))})")]


def _swapped(a: Arguments) -> tuple[int, ...]:
    x = type_of(a.input)
    first, second = axis_of(x, a.axis0), axis_of(x, a.axis1)
    order = list(range(x.rank))
    order[first], order[second] = second, first
    return tuple(order)


def _infer_swap(a: Arguments) -> TensorType:
    x = type_of(a.input)
    return x.with_shape(tuple(x.shape[axis] for axis in _swapped(a)))


def _compute_swap(n: Arrays, a: Arguments) -> Array:
    return n.np.transpose(a.input.array, _swapped(a))


def _undo_swap(formula: Applied, text: str) -> Undone:
    a = formula.arguments
    return [(the_operand(formula), f"swapaxes({text}, {a.axis0}, {a.axis1})")]


_SHAPE = Argument("shape", types.Shape(symbolic=True), help="sizes; one may be -1")

KINDS = (
    OpKind(
        name="reshape",
        signature=signature(_X, _SHAPE),
        summary="The elements in another shape, in the order of the axes.",
        example="x |> reshape([B, 2, -1])",
        infer=_infer_reshape,
        lower=_lower_reshape,
        compute=_compute_reshape,
        beyond_keras=reshaped,
        moves=True,
        undo=back_in_shape,
    ),
    OpKind(
        name="expand_dims",
        signature=signature(_X, Argument("axis", Integer(), help="where the new axis goes")),
        summary="The tensor with a new axis of size 1.",
        example="x |> expand_dims(axis = 1)",
        infer=_infer_expand,
        lower=_lower_expand,
        compute=_compute_reshape,
        moves=True,
        undo=back_in_shape,
    ),
    OpKind(
        name="squeeze",
        signature=signature(_X, Argument("axis", AXES, None, "axes of size 1; none: all such")),
        summary="The tensor without axes of size 1.",
        example="x |> squeeze(axis = [2, 3])",
        infer=_infer_squeeze,
        lower=_lower_squeeze,
        compute=_compute_reshape,
        moves=True,
        undo=back_in_shape,
    ),
    OpKind(
        name="flatten",
        signature=signature(
            _X,
            Argument("start_dim", Integer(), 1, "the first axis that is joined"),
            Argument("end_dim", Integer(), -1, "the last axis that is joined"),
        ),
        summary="[N, ...] to [N, features], or some axes as one, in the order of the axes.",
        example="x |> flatten",
        infer=_infer_flatten,
        lower=_lower_flatten,
        compute=_compute_reshape,
        beyond_keras=reshaped,
        moves=True,
        undo=back_in_shape,
    ),
    OpKind(
        name="broadcast_to",
        signature=signature(
            _X, Argument("shape", types.Shape(symbolic=True), help="its sizes; -1: the tensor's")
        ),
        summary="The tensor repeated along axes of size 1, and along new ones in front.",
        example="x |> broadcast_to([B, 4, 3, 5])",
        infer=_infer_broadcast,
        lower=_lower_broadcast,
        compute=_compute_broadcast,
        beyond_keras=repeated,
        moves=True,
    ),
    OpKind(
        name="transpose",
        signature=signature(_X, Argument("axis", ListOf(Integer()), help="each axis once")),
        summary="The tensor with its axes in another order.",
        example="x |> transpose([0, 2, 3, 1])",
        infer=_infer_transpose,
        lower=_lower_transpose,
        compute=_compute_transpose,
        moves=True,
        undo=_undo_transpose,
    ),
    OpKind(
        name="swapaxes",
        signature=signature(
            _X,
            Argument("axis0", Integer(), help="an axis"),
            Argument("axis1", Integer(), help="the axis it changes places with"),
        ),
        summary="The tensor with two axes exchanged.",
        example="x |> swapaxes(1, 2)",
        infer=_infer_swap,
        lower=lambda b, a: b.from_plain(b.keras.ops.transpose(b.plain(a.input), _swapped(a))),
        compute=_compute_swap,
        moves=True,
        undo=_undo_swap,
    ),
)
