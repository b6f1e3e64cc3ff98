"""Ops that order elements, or accumulate along an axis."""

from __future__ import annotations

from declspore.ir.dtype import INT32, INT64, DType
from declspore.ir.shape import TensorType
from declspore.ir.term import Arguments
from declspore.numerics.axes import axis_of, reduced, type_of
from declspore.numerics.by_numpy import by_numpy
from declspore.numerics.elementwise import as_totals, plain_in_type
from declspore.numerics.order import chosen, falling, first_nan, rising
from declspore.registry.builder import Builder, Value
from declspore.registry.kind import Misfit
from declspore.registry.op import OpKind
from declspore.registry.plain import OfNumbers, of_items
from declspore.registry.signature import Argument, signature
from declspore.registry.types import Boolean, Integer, Optional, Tensor

_X = Argument("input", Tensor(), help="a tensor")
_AXIS = Argument("axis", Integer(), -1, "the axis")


def _extreme(word: str, places_of: str, summary: str, of_numbers: OfNumbers) -> OpKind:
    def infer(a: Arguments) -> tuple[TensorType, TensorType]:
        x = type_of(a.input)
        found = (
            x.with_shape(()) if a.axis is None else reduced(x, (axis_of(x, a.axis),), a.keepdims)
        )
        return found, TensorType(INT64, found.shape)

    def lower(b: Builder, a: Arguments) -> tuple[Value, ...]:
        ops, x = b.keras.ops, b.plain(a.input)
        if a.axis is None:
            flat = ops.reshape(x, [-1])
            place = chosen(ops, places_of, flat, type_of(a.input).dtype, 0)
            place = first_nan(ops, flat, type_of(a.input).dtype, 0, place)
            whole = ops.take_along_axis(flat, place, axis=0)[0]
            return b.results(whole, ops.cast(ops.zeros_like(place[0]), "int64"))
        axis = axis_of(a.input, a.axis)
        places = chosen(ops, places_of, x, type_of(a.input).dtype, axis)
        places = first_nan(ops, x, type_of(a.input).dtype, axis, places)
        found = (ops.take_along_axis(x, places, axis=axis), ops.cast(places, "int64"))
        return b.results(*found if a.keepdims else (ops.squeeze(one, axis=axis) for one in found))

    return OpKind(
        name=word,
        signature=signature(
            _X,
            Argument("axis", Optional(Integer()), None, "the axis; none: all, with 0 as place"),
            Argument("keepdims", Boolean(), False, "whether the axis stays with size 1"),
        ),
        summary=summary,
        example=f"{word}(x, axis = 1)[0]",
        infer=infer,
        lower=lower,
        of_numbers=of_numbers,
        **by_numpy(lower),
    )


def _infer_sort(a: Arguments) -> tuple[TensorType, TensorType]:
    axis_of(a.input, a.axis)
    x = type_of(a.input)
    return x, TensorType(INT32, x.shape)


def _lower_sort(b: Builder, a: Arguments) -> tuple[Value, ...]:
    """Falling order is the rising one of what is turned around."""
    ops, x, axis = b.keras.ops, b.plain(a.input), axis_of(a.input, a.axis)
    turned = falling if a.descending else rising
    places = ops.argsort(turned(ops, x, type_of(a.input).dtype), axis=axis)
    return b.results(ops.take_along_axis(x, places, axis=axis), ops.cast(places, "int32"))


def _infer_median(a: Arguments) -> tuple[TensorType, TensorType]:
    x = type_of(a.input)
    axis = axis_of(x, a.axis)
    _known("median", x, axis)
    found = reduced(x, (axis,), a.keepdims)
    return found, TensorType(INT64, found.shape)


def _known(word: str, x: TensorType, axis: int) -> int:
    size = x.shape[axis]
    if not isinstance(size, int):
        raise Misfit(f"{word} needs an axis of known size, found axis {axis} of {x}")
    return size


def _lower_median(b: Builder, a: Arguments) -> tuple[Value, ...]:
    """Of an even number the smaller of the two in the middle."""
    ops, x, axis = b.keras.ops, b.plain(a.input), axis_of(a.input, a.axis)
    middle = (_known("median", type_of(a.input), axis) - 1) // 2
    ordered = ops.argsort(rising(ops, x, type_of(a.input).dtype), axis=axis)
    places = ops.take(ordered, [middle], axis=axis)
    places = first_nan(ops, x, type_of(a.input).dtype, axis, places)
    found = (ops.take_along_axis(x, places, axis=axis), ops.cast(places, "int64"))
    return b.results(*found if a.keepdims else (ops.squeeze(one, axis=axis) for one in found))


def _running(word: str, compare: str, summary: str, places: DType) -> OpKind:
    """Of equal elements the last counts."""

    def infer(a: Arguments) -> tuple[TensorType, TensorType]:
        x = type_of(a.input)
        _known(word, x, axis_of(x, a.axis))
        return x, TensorType(places, x.shape)

    def lower(b: Builder, a: Arguments) -> tuple[Value, ...]:
        ops, axis = b.keras.ops, axis_of(a.input, a.axis)
        x = ops.moveaxis(b.plain(a.input), axis, -1)
        best = rising(ops, x, type_of(a.input).dtype)
        where = ops.zeros_like(x, dtype="int32") + ops.arange(x.shape[-1], dtype="int32")
        step = 1
        while step < x.shape[-1]:  # what was found so far covers so many elements
            wins = getattr(ops, compare)(best[..., step:], best[..., :-step])
            if type_of(a.input).dtype.is_float:  # what is not a number stays
                wins = ops.logical_or(wins, ops.isnan(best[..., step:]))
            best, where = (
                ops.concatenate(
                    [one[..., :step], ops.where(wins, one[..., step:], one[..., :-step])], axis=-1
                )
                for one in (best, where)
            )
            step *= 2
        found = (ops.take_along_axis(x, where, axis=-1), ops.cast(where, places.numpy))
        return b.results(*(ops.moveaxis(one, -1, axis) for one in found))

    return OpKind(
        name=word,
        signature=signature(_X, Argument("axis", Integer(), help="the axis")),
        summary=summary,
        example=f"{word}(x, 1)[0]",
        infer=infer,
        lower=lower,
        **by_numpy(lower),
    )


def _infer_cumprod(a: Arguments) -> TensorType:
    axis_of(a.input, a.dim)
    return as_totals(type_of(a.input))


def _lower_cumprod(b: Builder, a: Arguments) -> Value:
    axis = axis_of(a.input, a.dim)
    found = b.keras.ops.cumprod(plain_in_type(b, a.input), axis=axis)
    return b.from_plain(found)


KINDS = (
    _extreme(
        "max", "argmax", "The largest elements along an axis, and where they are.", of_items(max)
    ),
    _extreme(
        "min", "argmin", "The smallest elements along an axis, and where they are.", of_items(min)
    ),
    OpKind(
        name="sort",
        signature=signature(
            _X, _AXIS, Argument("descending", Boolean(), False, "whether the largest comes first")
        ),
        summary="The elements in order along an axis, and where they were.",
        example="sort(x, axis = 1)[0]",
        infer=_infer_sort,
        lower=_lower_sort,
        **by_numpy(_lower_sort),
    ),
    OpKind(
        name="median",
        signature=signature(
            _X, _AXIS, Argument("keepdims", Boolean(), False, "whether the axis stays with size 1")
        ),
        summary=(
            "The element in the middle along an axis, the smaller of two, and the place of the "
            "first that is as large."
        ),
        example="median(x, 1)[0]",
        infer=_infer_median,
        lower=_lower_median,
        **by_numpy(_lower_median),
    ),
    _running(
        *("cummax", "greater_equal"),
        "The largest of the elements up to each, along an axis, and where the last such is.",
        INT64,
    ),
    _running(
        *("cummin", "less_equal"),
        "The smallest of the elements up to each, along an axis, and where the last such is.",
        INT32,
    ),
    OpKind(
        name="cumprod",
        signature=signature(_X, Argument("dim", Integer(), help="the axis")),
        summary="Products of the elements up to each, along an axis.",
        example="x |> cumprod(1)",
        infer=_infer_cumprod,
        lower=_lower_cumprod,
        **by_numpy(_lower_cumprod),
    ),
)
