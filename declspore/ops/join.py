"""Ops that join tensors and split them."""

from __future__ import annotations

from itertools import accumulate

from declspore.ir.formula import Applied, operands
from declspore.ir.shape import Dim, TensorType
from declspore.ir.tensors import Array
from declspore.ir.term import Arguments
from declspore.numerics.axes import axis_of, type_of
from declspore.registry.arrays import Arrays
from declspore.registry.builder import Builder, Value
from declspore.registry.inverse import Undone, by_joining
from declspore.registry.kind import Misfit
from declspore.registry.op import OpKind
from declspore.registry.signature import Argument, signature
from declspore.registry.types import Either, Integer, ListOf, Tensor

_X = Argument("input", Tensor(), help="a tensor")
_TENSORS = Argument("tensors", ListOf(Tensor()), help="a list of tensors")


def _alike(a: Arguments, excepted: int | None) -> TensorType:
    """The type all tensors have, but for the axis ``excepted``. Raises Misfit."""
    if not a.tensors:
        raise Misfit("the list of tensors is empty")
    first, *others = map(type_of, a.tensors)
    for other in others:
        same = other.rank == first.rank and all(
            left == right
            for axis, (left, right) in enumerate(zip(first.shape, other.shape, strict=False))
            if axis != excepted
        )
        if not same or other.dtype != first.dtype:
            where = "" if excepted is None else f" other than axis {excepted}"
            raise Misfit(f"{first} and {other} differ{where}")
    return first


def _infer_concat(a: Arguments) -> TensorType:
    if not a.tensors:
        raise Misfit("the list of tensors is empty")
    axis = axis_of(a.tensors[0], a.axis)
    first = _alike(a, axis)
    total: Dim = 0
    for tensor in a.tensors:
        total = type_of(tensor).shape[axis] + total
    return first.with_shape((*first.shape[:axis], total, *first.shape[axis + 1 :]))


def _lower_concat(b: Builder, a: Arguments) -> Value:
    axis = axis_of(a.tensors[0], a.axis)
    if type_of(a.tensors[0]).rank == 4:
        tensors = [b.channels_last(value) for value in a.tensors]
        last = {0: 0, 1: 3, 2: 1, 3: 2}[axis]
        return b.from_channels_last(b.keras.ops.concatenate(tensors, axis=last))
    tensors = [b.plain(value) for value in a.tensors]
    return b.from_plain(b.keras.ops.concatenate(tensors, axis=axis))


def _compute_concat(n: Arrays, a: Arguments) -> Array:
    return n.np.concatenate(_arrays(a), axis=axis_of(a.tensors[0], a.axis))


def _arrays(a: Arguments) -> list[object]:
    return [tensor.array for tensor in a.tensors]


def _undo_concat(formula: Applied, text: str) -> Undone:
    axis = formula.arguments.axis % formula.type.rank
    found, start = [], 0
    for part in operands(formula):
        size = part.type.shape[axis]
        assert isinstance(size, int)
        places = [":"] * axis + [f"{start}:{start + size}"]
        found.append((part, f"{text}[{', '.join(places)}]"))
        start += size
    return found


def _infer_stack(a: Arguments) -> TensorType:
    first = _alike(a, None)
    axis = axis_of(first, a.axis, extra=1)
    return first.with_shape((*first.shape[:axis], len(a.tensors), *first.shape[axis:]))


def _lower_stack(b: Builder, a: Arguments) -> Value:
    axis = axis_of(a.tensors[0], a.axis, extra=1)
    return b.from_plain(b.keras.ops.stack([b.plain(value) for value in a.tensors], axis=axis))


def _compute_stack(n: Arrays, a: Arguments) -> Array:
    return n.np.stack(_arrays(a), axis=axis_of(a.tensors[0], a.axis, extra=1))


def _undo_stack(formula: Applied, text: str) -> Undone:
    axis = formula.arguments.axis % formula.type.rank
    return [
        (part, f"{text}[{', '.join([':'] * axis + [str(index)])}]")
        for index, part in enumerate(operands(formula))
    ]


def _sizes(a: Arguments) -> tuple[int, ...]:
    """The sizes of the parts a tensor is split into. Raises Misfit."""
    x = type_of(a.tensor)
    axis = axis_of(x, a.axis)
    whole = x.shape[axis]
    if not isinstance(whole, int):
        raise Misfit(f"axis {axis} of {x} has no known size to split")
    if isinstance(a.split_size_or_sections, tuple):
        if sum(a.split_size_or_sections) != whole:
            raise Misfit(f"{list(a.split_size_or_sections)} do not add up to {whole}")
        return a.split_size_or_sections
    size = a.split_size_or_sections
    full = (size,) * (whole // size)
    return (*full, whole % size) if whole % size else full


def _infer_split(a: Arguments) -> tuple[TensorType, ...]:
    x = type_of(a.tensor)
    axis = axis_of(x, a.axis)
    return tuple(x.with_shape((*x.shape[:axis], size, *x.shape[axis + 1 :])) for size in _sizes(a))


def _lower_split(b: Builder, a: Arguments) -> tuple[Value, ...]:
    x, places = b.plain(a.tensor), _places(a)
    if not places:
        return b.results(x)
    return b.results(*b.keras.ops.split(x, places, axis=axis_of(a.tensor, a.axis)))


def _places(a: Arguments) -> list[int]:
    """Where the parts after the first begin."""
    return list(accumulate(_sizes(a)[:-1]))


def _compute_split(n: Arrays, a: Arguments) -> Array:
    return n.np.split(a.tensor.array, _places(a), axis=axis_of(a.tensor, a.axis))


def _infer_chunk(a: Arguments) -> tuple[TensorType, ...]:
    return _infer_split(_chunked(a))


def _chunked(a: Arguments) -> Arguments:
    x = type_of(a.input)
    whole = x.shape[axis_of(x, a.axis)]
    if not isinstance(whole, int):
        raise Misfit(f"axis {a.axis} of {x} has no known size to split")
    size = max(-(-whole // a.chunks), 1)
    return Arguments({"tensor": a.input, "split_size_or_sections": size, "axis": a.axis})


def _infer_unstack(a: Arguments) -> tuple[TensorType, ...]:
    x = type_of(a.input)
    axis = axis_of(x, a.axis)
    count = x.shape[axis]
    if not isinstance(count, int):
        raise Misfit(f"axis {axis} of {x} has no known size to take apart")
    return (x.with_shape((*x.shape[:axis], *x.shape[axis + 1 :])),) * count


def _lower_unstack(b: Builder, a: Arguments) -> tuple[Value, ...]:
    parts = b.keras.ops.unstack(b.plain(a.input), axis=axis_of(a.input, a.axis))
    return b.results(*parts)


def _compute_unstack(n: Arrays, a: Arguments) -> list[Array]:
    return list(n.np.moveaxis(a.input.array, axis_of(a.input, a.axis), 0))


KINDS = (
    OpKind(
        name="concat",
        signature=signature(
            _TENSORS, Argument("axis", Integer(), 0, "along which they are joined")
        ),
        summary="Tensors joined along an axis.",
        example="concat([x, y], axis = 1)",
        infer=_infer_concat,
        lower=_lower_concat,
        compute=_compute_concat,
        moves=True,
        undo=_undo_concat,
    ),
    OpKind(
        name="stack",
        signature=signature(_TENSORS, Argument("axis", Integer(), 0, "where the new axis goes")),
        summary="Tensors joined along a new axis.",
        example="stack([x, y], axis = 1)",
        infer=_infer_stack,
        lower=_lower_stack,
        compute=_compute_stack,
        moves=True,
        undo=_undo_stack,
    ),
    OpKind(
        name="split",
        signature=signature(
            Argument("tensor", Tensor(), help="a tensor"),
            Argument(
                "split_size_or_sections",
                Either((Integer(1), ListOf(Integer(1)))),
                help="the size of all parts, or of each",
            ),
            Argument("axis", Integer(), 0, "the axis"),
        ),
        summary="A list of parts of a tensor along an axis.",
        example="concat(split(x, 2, axis = 1), axis = 0)",
        infer=_infer_split,
        lower=_lower_split,
        compute=_compute_split,
        moves=True,
        rejoin=by_joining("concat"),
    ),
    OpKind(
        name="chunk",
        signature=signature(
            _X,
            Argument("chunks", Integer(1), help="how many parts"),
            Argument("axis", Integer(), 0, "the axis"),
        ),
        summary="A list of that many parts of a tensor along an axis.",
        example="concat(chunk(x, 2, axis = 1), axis = 0)",
        infer=_infer_chunk,
        lower=lambda b, a: _lower_split(b, _chunked(a)),
        compute=lambda n, a: _compute_split(n, _chunked(a)),
        moves=True,
        rejoin=by_joining("concat"),
    ),
    OpKind(
        name="unstack",
        signature=signature(_X, Argument("axis", Integer(), 0, "the axis that goes")),
        summary="A list of the tensors along an axis.",
        example="stack(unstack(x, axis = 1), axis = 2)",
        infer=_infer_unstack,
        lower=_lower_unstack,
        compute=_compute_unstack,
        moves=True,
        rejoin=by_joining("stack"),
    ),
)
