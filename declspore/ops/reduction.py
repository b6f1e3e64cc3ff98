"""Ops that reduce axes, accumulate or sort along one."""

from __future__ import annotations

import math
from collections.abc import Callable

from declspore.ir.dtype import BOOL, INT32, INT64, DType
from declspore.ir.formula import Applied
from declspore.ir.shape import TensorType, product
from declspore.ir.tensors import Array
from declspore.ir.term import Arguments, show
from declspore.numerics.axes import AXES, axes_of, axis_of, reduced, type_of
from declspore.numerics.by_numpy import by_numpy
from declspore.numerics.costs import two_in_sums
from declspore.numerics.elementwise import (
    array_of,
    as_floats,
    as_totals,
    floats_of,
    numbers_of,
    plain_in_type,
)
from declspore.numerics.order import chosen, falling, first_nan, rising
from declspore.registry.arrays import Arrays
from declspore.registry.builder import Builder, Value
from declspore.registry.inverse import Undone, the_operand
from declspore.registry.kind import Misfit
from declspore.registry.op import OpKind
from declspore.registry.plain import OfNumbers, of_items
from declspore.registry.signature import Argument, signature
from declspore.registry.types import Boolean, Integer, Number, Optional, Tensor

_X = Argument("input", Tensor(), help="a tensor")
_AXIS = Argument("axis", AXES, None, "an axis or a list of them; none: all")
_KEEP = Argument("keep_dims", Boolean(), False, "whether the axes stay with size 1")
_ONE = Argument("axis", Integer(), -1, "the axis")
_ONE_OR_ALL = Argument("axis", Optional(Integer()), None, "the axis; none: all, as one")


def _infer(a: Arguments) -> TensorType:
    return reduced(numbers_of(a.input), axes_of(a.input, a.axis), a.keep_dims)


def _infer_total(a: Arguments) -> TensorType:
    return as_totals(reduced(type_of(a.input), axes_of(a.input, a.axis), a.keep_dims))


def _infer_floats(a: Arguments) -> TensorType:
    return as_floats(_infer(a))


def _reduction(
    word: str,
    function: str,
    summary: str,
    infer: Callable[[Arguments], TensorType] = _infer,
    example: str = "",
    *,
    compute: Callable[[Arrays, Arguments], Array] | None = None,
    plain: bool = False,
    axis: Argument = _AXIS,
    of_numbers: OfNumbers | None = None,
) -> OpKind:
    def lower(b: Builder, a: Arguments) -> Value:
        apply = getattr(b.keras.ops, function)
        axes = axes_of(a.input, a.axis)
        x = b.plain(a.input) if b.output_type.dtype == BOOL else plain_in_type(b, a.input)
        return b.from_plain(apply(x, axis=axes, keepdims=a.keep_dims))

    forms = by_numpy(lower) if plain else {"compute": compute}
    return OpKind(
        name=word,
        signature=signature(_X, axis, _KEEP),
        summary=summary,
        example=example or f"x |> {word}(axis = 1)",
        infer=infer,
        lower=lower,
        of_numbers=of_numbers,
        **forms,
    )


def _compute_sum(n: Arrays, a: Arguments) -> Array:
    return n.sum(array_of(n, n.type.dtype, a.input), axes_of(a.input, a.axis), a.keep_dims)


def _reduced_by(function: str) -> Callable[[Arrays, Arguments], Array]:
    """By a function of NumPy that rounds nothing."""

    def compute(n: Arrays, a: Arguments) -> Array:
        axes = axes_of(a.input, a.axis)
        return getattr(n.np, function)(a.input.array, axis=axes, keepdims=a.keep_dims)

    return compute


def _truth(a: Arguments) -> TensorType:
    found = reduced(type_of(a.input), axes_of(a.input, a.axis), a.keep_dims)
    return TensorType(BOOL, found.shape)


def _lower_mean(b: Builder, a: Arguments) -> Value:
    """Of integers whole, without what is after the decimal point."""
    dtype = b.output_type.dtype
    if not dtype.is_float:
        axes = axes_of(a.input, a.axis)
        found = b.keras.ops.mean(b.plain(a.input), axis=axes, keepdims=a.keep_dims)
        size = b.keras.ops.floor(b.keras.ops.absolute(found))
        return b.from_plain(b.keras.ops.cast(size * b.keras.ops.sign(found), dtype.numpy))
    if a.keep_dims:
        tensor = b.plain(a.input)
        axes = axes_of(a.input, a.axis)
        return b.from_plain(b.keras.ops.mean(tensor, axis=axes, keepdims=True))
    tensor, places = b.axes(a.input, axes_of(a.input, a.axis))
    spatial = tuple(range(1, a.input.type.rank - 1))
    if places == spatial and len(spatial) == 2:
        pool = b.keras.layers.GlobalAveragePooling2D(data_format="channels_last")
        return b.from_plain(pool(tensor))
    axes = axes_of(a.input, a.axis)
    return b.from_plain(b.keras.ops.mean(b.plain(a.input), axis=axes))


def _compute_mean(n: Arrays, a: Arguments) -> Array:
    found = n.mean(n.wide(a.input), axes_of(a.input, a.axis), a.keep_dims)
    return found if n.type.dtype.is_float else n.cast(n.np.trunc(found), n.type.dtype)


def _spread(word: str, function: str, summary: str) -> OpKind:
    """Variance and deviation, with MindSpore's correction ``ddof``."""

    def lower(b: Builder, a: Arguments) -> Value:
        ops, axes = b.keras.ops, axes_of(a.input, a.axis)
        x = plain_in_type(b, a.input)
        centred = x - ops.mean(x, axis=axes, keepdims=True)
        total = ops.sum(ops.square(centred), axis=axes, keepdims=a.keep_dims)
        count = ops.sum(ops.ones_like(x), axis=axes, keepdims=a.keep_dims)
        found = total / (count - float(a.ddof))
        return b.from_plain(ops.sqrt(found) if function == "std" else found)

    def compute(n: Arrays, a: Arguments) -> Array:
        axes, x = axes_of(a.input, a.axis), array_of(n, n.type.dtype, a.input)
        squares = n.np.square(x - n.mean(x, axes, keepdims=True))
        count = math.prod(x.shape[axis] for axis in axes)
        found = n.sum(squares, axes, a.keep_dims) / (x.dtype.type(count) - float(a.ddof))
        return n.np.sqrt(found) if function == "std" else found

    def infer(a: Arguments) -> TensorType:
        x = type_of(a.input)
        count = product(tuple(x.shape[axis] for axis in axes_of(x, a.axis)))
        if isinstance(count, int) and count <= a.ddof:
            raise Misfit(f"{count} elements are too few for ddof {a.ddof}")
        return _infer_floats(a)

    ddof = Argument("ddof", Integer(0), 0, "what is taken from the number of elements")
    return OpKind(
        name=word,
        signature=signature(_X, _AXIS, ddof, _KEEP),
        summary=summary,
        example=f"x |> {word}(axis = 1)",
        infer=infer,
        lower=lower,
        compute=compute,
        scratch=lambda a: two_in_sums(type_of(a.input)),
    )


def _arg(word: str, function: str, summary: str, dtype: DType) -> OpKind:
    def infer(a: Arguments) -> TensorType:
        if a.axis is None:
            return TensorType(dtype, ())
        axis = axis_of(a.input, a.axis)
        return TensorType(dtype, reduced(type_of(a.input), (axis,), a.keep_dims).shape)

    def lower(b: Builder, a: Arguments) -> Value:
        ops, x = b.keras.ops, b.plain(a.input)
        if a.axis is None:
            flat = ops.reshape(x, [-1])
            place = chosen(ops, function, flat, type_of(a.input).dtype, 0)
            place = first_nan(ops, flat, type_of(a.input).dtype, 0, place)
            return b.from_plain(ops.cast(place[0], dtype.numpy))
        axis = axis_of(a.input, a.axis)
        found = chosen(ops, function, x, type_of(a.input).dtype, axis)
        found = first_nan(ops, x, type_of(a.input).dtype, axis, found)
        found = found if a.keep_dims else ops.squeeze(found, axis=axis)
        return b.from_plain(ops.cast(found, dtype.numpy))

    return OpKind(
        name=word,
        signature=signature(_X, _ONE_OR_ALL, _KEEP),
        summary=summary,
        example=f"x |> {word}(axis = 1)",
        infer=infer,
        lower=lower,
        **by_numpy(lower),
    )


def _same(a: Arguments) -> TensorType:
    axes_of(a.input, a.axis)
    return type_of(a.input)


def _infer_cumsum(a: Arguments) -> TensorType:
    axis_of(a.input, a.axis)
    return numbers_of(a.input)


def _lower_cumsum(b: Builder, a: Arguments) -> Value:
    axis = axis_of(a.input, a.axis)
    return b.from_plain(b.keras.ops.cumsum(b.plain(a.input), axis))


def _lower_flip(b: Builder, a: Arguments) -> Value:
    axes = axes_of(a.input, a.axis)
    x = b.plain(a.input)
    for axis in axes:  # one by one: Keras before 3.13 takes no list
        x = b.keras.ops.flip(x, axis)
    return b.from_plain(x)


def _compute_flip(n: Arrays, a: Arguments) -> Array:
    return n.np.flip(a.input.array, axes_of(a.input, a.axis))


def _undo_flip(formula: Applied, text: str) -> Undone:
    return [(the_operand(formula), f"flip({text}, {show(formula.arguments.axis)})")]


def _infer_topk(a: Arguments) -> tuple[TensorType, TensorType]:
    x = numbers_of(a.input)
    if x.rank < 1:
        raise Misfit("a number has no largest elements")
    axis = axis_of(x, -1 if a.dim is None else a.dim)
    size = x.shape[axis]
    if isinstance(size, int) and a.k > size:
        which = "the last axis" if axis == x.rank - 1 else f"axis {axis}"
        raise Misfit(f"{which} of {x} has fewer than {a.k} elements")
    chosen = x.with_shape((*x.shape[:axis], a.k, *x.shape[axis + 1 :]))
    return chosen, TensorType(INT32, chosen.shape)


def _lower_topk(b: Builder, a: Arguments) -> tuple[Value, ...]:
    ops, x = b.keras.ops, b.plain(a.input)
    axis = axis_of(a.input, -1 if a.dim is None else a.dim)
    moved = axis != type_of(a.input).rank - 1
    x, dtype = ops.moveaxis(x, axis, -1) if moved else x, type_of(a.input).dtype
    key = x if a.largest else falling(ops, x, dtype)
    if dtype.is_float:  # a NaN among them would hide others from a kernel that compares
        key = ops.where(ops.isnan(key), ops.full_like(key, float("-inf")), key)
        _, indices = ops.top_k(key, a.k, sorted=a.sorted)
        values = ops.take_along_axis(x, indices, axis=-1)
    else:
        values, indices = ops.top_k(key, a.k, sorted=a.sorted)
        values = values if a.largest else falling(ops, values, dtype)
    found = (values, ops.cast(indices, "int32"))
    return b.results(*(ops.moveaxis(one, -1, axis) if moved else one for one in found))


def _infer_argsort(a: Arguments) -> TensorType:
    axis_of(a.input, a.axis)
    return TensorType(INT32, type_of(a.input).shape)


def _lower_argsort(b: Builder, a: Arguments) -> Value:
    ops, x = b.keras.ops, b.plain(a.input)
    turned = falling if a.descending else rising
    places = ops.argsort(turned(ops, x, type_of(a.input).dtype), axis=axis_of(a.input, a.axis))
    return b.from_plain(ops.cast(places, "int32"))


def _infer_l2(a: Arguments) -> TensorType:
    axes_of(a.input, a.axis)
    return floats_of(a.input)


def _lower_l2(b: Builder, a: Arguments) -> Value:
    ops, axes = b.keras.ops, axes_of(a.input, a.axis)
    x = b.plain(a.input)
    total = ops.sum(ops.square(x), axis=axes, keepdims=True)
    return b.from_plain(x * ops.rsqrt(ops.maximum(total, a.epsilon)))


def _compute_l2(n: Arrays, a: Arguments) -> Array:
    x = n.wide(a.input)
    total = n.sum(n.np.square(x), axes_of(a.input, a.axis), keepdims=True)
    return x * (1.0 / n.np.sqrt(n.np.maximum(total, a.epsilon)))


KINDS = (
    _reduction(
        "sum",
        "sum",
        "The sum over some axes.",
        _infer_total,
        compute=_compute_sum,
        of_numbers=of_items(sum),
    ),
    _reduction(
        "prod",
        "prod",
        "The product over some axes.",
        _infer_total,
        plain=True,
        of_numbers=of_items(math.prod),
    ),
    _reduction("amax", "max", "The largest element over some axes.", compute=_reduced_by("max")),
    _reduction("amin", "min", "The smallest element over some axes.", compute=_reduced_by("min")),
    _reduction(
        "all",
        "all",
        "Whether all are true.",
        _truth,
        "(x > 0) |> all(axis = 1)",
        compute=_reduced_by("all"),
    ),
    _reduction(
        "any",
        "any",
        "Whether one is true.",
        _truth,
        "(x > 0) |> any(axis = 1)",
        compute=_reduced_by("any"),
    ),
    _reduction(
        "logsumexp",
        "logsumexp",
        "log(sum(exp(x))) over some axes.",
        _infer_floats,
        plain=True,
        axis=Argument("axis", AXES, help="an axis or a list of them; none: all"),
    ),
    OpKind(
        name="mean",
        signature=signature(_X, _AXIS, _KEEP),
        summary="The mean over some axes.",
        example="x |> mean(axis = [2, 3])",
        infer=_infer,
        lower=_lower_mean,
        compute=_compute_mean,
        of_numbers=of_items(lambda items: math.fsum(items) / len(list(items))),
    ),
    _spread("var", "var", "sum((x - mean)^2) / (n - ddof) over some axes."),
    _spread("std", "std", "The square root of `var`."),
    OpKind(
        name="l2_normalize",
        signature=signature(
            _X,
            Argument("axis", AXES, 0, "an axis or a list of them; none: all"),
            Argument("epsilon", Number(above=0.0), 1e-4, "the least sum of squares"),
        ),
        summary="x / sqrt(max(sum(x^2), epsilon)).",
        example="x |> l2_normalize(axis = 1)",
        infer=_infer_l2,
        lower=_lower_l2,
        compute=_compute_l2,
    ),
    _arg("argmax", "argmax", "Where the largest element is, along an axis or of all.", INT64),
    _arg("argmin", "argmin", "Where the smallest element is, along an axis or of all.", INT32),
    OpKind(
        name="cumsum",
        signature=signature(_X, Argument("axis", Integer(), help="the axis")),
        summary="Sums of the elements up to each, along an axis.",
        example="x |> cumsum(axis = 1)",
        infer=_infer_cumsum,
        lower=_lower_cumsum,
        **by_numpy(_lower_cumsum),
    ),
    OpKind(
        name="flip",
        signature=signature(
            _X, Argument("axis", AXES, help="an axis or a list of them; none: all")
        ),
        summary="The elements in reverse, along some axes.",
        example="x |> flip(axis = 1)",
        infer=_same,
        lower=_lower_flip,
        compute=_compute_flip,
        moves=True,
        undo=_undo_flip,
    ),
    OpKind(
        name="topk",
        signature=signature(
            _X,
            Argument("k", Integer(1), help="how many"),
            Argument("dim", Optional(Integer()), None, "the axis; none: the last"),
            Argument("largest", Boolean(), True, "the largest, or the smallest"),
            Argument("sorted", Boolean(), True, "whether the outermost comes first"),
        ),
        summary="The k largest or smallest elements along an axis, and where they are.",
        example="sum(topk(x, 1)[0])",
        infer=_infer_topk,
        lower=_lower_topk,
        **by_numpy(_lower_topk),
    ),
    OpKind(
        name="argsort",
        signature=signature(
            _X, _ONE, Argument("descending", Boolean(), False, "whether the largest comes first")
        ),
        summary="The places of the elements in rising or falling order along an axis.",
        example="x |> argsort(axis = 1)",
        infer=_infer_argsort,
        lower=_lower_argsort,
        **by_numpy(_lower_argsort),
    ),
)
