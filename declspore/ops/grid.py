"""Vectors as the axes of a grid (mindspore.ops.meshgrid, 2.10)."""

from __future__ import annotations

from declspore.ir.shape import Shape, TensorType
from declspore.ir.term import Arguments
from declspore.numerics.axes import type_of
from declspore.numerics.elementwise import numbers_of
from declspore.registry.builder import Builder, Value
from declspore.registry.kind import Misfit
from declspore.registry.op import OpKind
from declspore.registry.signature import Argument, signature
from declspore.registry.types import Choice, ListOf, Tensor


def _place(a: Arguments, number: int) -> int:
    """The axis that is a vector's: with "xy" the first two change places."""
    return 1 - number if a.indexing == "xy" and number < 2 and len(a.inputs) > 1 else number


def _infer(a: Arguments) -> tuple[TensorType, ...]:
    types = [numbers_of(value) for value in a.inputs]
    if len(types) < 2 or any(x.rank != 1 for x in types):
        raise Misfit(f"meshgrid takes two vectors or more, found {', '.join(map(str, types))}")
    sizes = {_place(a, number): x.shape[0] for number, x in enumerate(types)}
    shape: Shape = tuple(sizes[axis] for axis in range(len(types)))
    return tuple(x.with_shape(shape) for x in types)


def _lower(b: Builder, a: Arguments) -> tuple[Value, ...]:
    rank, shape, found = len(a.inputs), b.output_type.shape, []
    for number, value in enumerate(a.inputs):
        axis = _place(a, number)
        line = [1] * rank
        moved = b.keras.ops.reshape(b.plain(value), [*line[:axis], -1, *line[axis + 1 :]])
        size = type_of(value).shape[0]
        type = type_of(value).with_shape((*line[:axis], size, *line[axis + 1 :]))
        found.append(b.broadcast_to(moved, type, shape))
    return b.results(*found)


KINDS = (
    OpKind(
        name="meshgrid",
        signature=signature(
            Argument("inputs", ListOf(Tensor()), help="vectors"),
            Argument("indexing", Choice(("xy", "ij")), "xy", "xy: the first lies along axis 1"),
        ),
        summary="For each vector, a tensor with its elements along its axis, alike along others.",
        example="meshgrid([ones([3]), ones([4])])[0]",
        infer=_infer,
        lower=_lower,
    ),
)
