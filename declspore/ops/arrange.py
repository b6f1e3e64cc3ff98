"""Ops that repeat, move on, pad or cut the elements of a tensor."""

from __future__ import annotations

from declspore.ir.formula import Applied
from declspore.ir.shape import (
    TensorType,
    product,
    static,
)
from declspore.ir.tensors import Array, Ops, T
from declspore.ir.tensors import Tensor as Plain
from declspore.ir.term import Arguments, show
from declspore.numerics.axes import axis_of, type_of
from declspore.numerics.padding import (
    check_mirrored,
    circled,
    cut,
    filling,
    padded_shape,
    replicated,
)
from declspore.registry import types
from declspore.registry.arrays import Arrays
from declspore.registry.builder import Builder, Value
from declspore.registry.inverse import Undone, the_operand
from declspore.registry.kind import Misfit
from declspore.registry.op import OpKind
from declspore.registry.signature import Argument, signature
from declspore.registry.types import Either, Integer, ListOf, Optional, Tensor

_X = Argument("input", Tensor(), help="a tensor")


def _infer_tile(a: Arguments) -> TensorType:
    x = type_of(a.input)
    shape = (1,) * (len(a.reps) - x.rank) + x.shape
    return x.with_shape(tuple(dim * times for dim, times in zip(shape, _reps(a), strict=True)))


def _reps(a: Arguments) -> tuple[int, ...]:
    """How often along each axis: those in front that are not named once."""
    return (1,) * (type_of(a.input).rank - len(a.reps)) + tuple(a.reps)


def _lower_tile(b: Builder, a: Arguments) -> Value:
    return b.from_plain(b.keras.ops.tile(b.plain(a.input), _reps(a)))


def _compute_tile(n: Arrays, a: Arguments) -> Array:
    return n.np.tile(a.input.array, _reps(a))


# ---- padding, repetition, parts


def _infer_pad(a: Arguments) -> TensorType:
    x, pads = type_of(a.input), _pads(a)
    if a.mode in ("reflect", "circular"):
        check_mirrored(x.shape, pads, whole=a.mode == "circular")
    return x.with_shape(padded_shape(x.shape, pads))


def _pads(a: Arguments) -> tuple[tuple[int, int], ...]:
    """Before and after each axis: MindSpore names them from the last axis on. Raises Misfit."""
    x = type_of(a.input)
    if len(a.padding) % 2 or len(a.padding) > 2 * x.rank:
        raise Misfit(f"padding names two sizes an axis, from the last of {x} on")
    named = [(a.padding[i], a.padding[i + 1]) for i in range(0, len(a.padding), 2)]
    return tuple([(0, 0)] * (x.rank - len(named)) + named[::-1])


def _lower_pad(b: Builder, a: Arguments) -> Value:
    return b.from_plain(_padded(b.keras.ops, b.plain(a.input), a))


def _compute_pad(n: Arrays, a: Arguments) -> Array:
    return _padded(n.np, a.input.array, a)


def _padded(ops: Ops, tensor: T, a: Arguments) -> T:
    """By ``keras.ops`` or NumPy, which call the same things by the same names."""
    x, pads = cut(tensor, _pads(a))
    if a.mode in ("replicate", "circular"):
        return (replicated if a.mode == "replicate" else circled)(ops, x, pads)
    value = filling(type_of(a.input).dtype, a.value or 0.0)
    options = {"constant_values": value} if a.mode == "constant" else {}
    return ops.pad(x, pads, mode=a.mode, **options)


def _infer_repeat(a: Arguments) -> TensorType:
    x = type_of(a.input)
    if a.axis is None:
        return x.with_shape((product(x.shape) * a.repeats,))
    axis = axis_of(x, a.axis)
    return x.with_shape((*x.shape[:axis], x.shape[axis] * a.repeats, *x.shape[axis + 1 :]))


def _repeated_along(a: Arguments) -> int | None:
    return None if a.axis is None else axis_of(a.input, a.axis)


def _lower_repeat(b: Builder, a: Arguments) -> Value:
    ops, x = b.keras.ops, b.plain(a.input)
    flat = x if a.axis is not None else ops.reshape(x, [-1])
    return b.from_plain(ops.repeat(flat, a.repeats, axis=_repeated_along(a) or 0))


def _compute_repeat(n: Arrays, a: Arguments) -> Array:
    return n.np.repeat(a.input.array, a.repeats, axis=_repeated_along(a))


def _rolls(a: Arguments) -> list[tuple[int, int | None]]:
    """How far along which axis, None for all as one. Raises Misfit."""
    if a.dims is None:
        if isinstance(a.shifts, tuple):
            raise Misfit(f"{len(a.shifts)} shifts need their axes", "dims = [0, 1]")
        return [(a.shifts, None)]
    shifts, dims = (n if isinstance(n, tuple) else (n,) for n in (a.shifts, a.dims))
    if len(shifts) != len(dims):
        raise Misfit(f"{len(shifts)} shifts are given for {len(dims)} axes")
    return [(shift, axis_of(a.input, dim)) for shift, dim in zip(shifts, dims, strict=True)]


def _infer_roll(a: Arguments) -> TensorType:
    _rolls(a)
    return type_of(a.input)


def _lower_roll(b: Builder, a: Arguments) -> Value:
    x = b.plain(a.input)
    for shift, axis in _rolls(a):
        x = b.keras.ops.roll(x, shift, axis=axis)
    return b.from_plain(x)


def _compute_roll(n: Arrays, a: Arguments) -> Array:
    x = a.input.array
    for shift, axis in _rolls(a):
        x = n.np.roll(x, shift, axis=axis)
    return x


def _undo_roll(formula: Applied, text: str) -> Undone:
    a = formula.arguments
    back = tuple(-shift for shift in a.shifts) if isinstance(a.shifts, tuple) else -a.shifts
    return [(the_operand(formula), f"roll({text}, {show(back)}, {show(a.dims)})")]


def _triangle_of_unknown(ops: Ops, x: Plain, below: bool, diagonal: int) -> Plain:
    """By the numbers of rows and columns, where it is not known how many there are."""
    ones = ops.ones_like(x, dtype="int32")
    beyond = ops.cumsum(ones, axis=-1) - ops.cumsum(ones, axis=-2)
    kept = beyond <= diagonal if below else beyond >= diagonal
    return ops.where(kept, x, ops.zeros_like(x))


def _triangle(word: str, summary: str) -> OpKind:
    def infer(a: Arguments) -> TensorType:
        if type_of(a.input).rank < 2:
            raise Misfit(f"{type_of(a.input)} is not a matrix")
        return type_of(a.input)

    def lower(b: Builder, a: Arguments) -> Value:
        """Beyond the corners no diagonal is another than at them; TensorFlow takes none there."""
        x, sizes = b.plain(a.input), static(type_of(a.input).shape[-2:])
        if sizes is None:
            return b.from_plain(_triangle_of_unknown(b.keras.ops, x, word == "tril", a.diagonal))
        diagonal = min(max(a.diagonal, -sizes[0]), sizes[1])
        return b.from_plain(getattr(b.keras.ops, word)(x, diagonal))

    def compute(n: Arrays, a: Arguments) -> Array:
        return getattr(n.np, word)(a.input.array, a.diagonal)

    return OpKind(
        name=word,
        signature=signature(_X, Argument("diagonal", Integer(), 0, "of which the triangle begins")),
        summary=summary,
        example=f"x |> {word}(diagonal = 1)",
        infer=infer,
        lower=lower,
        compute=compute,
    )


KINDS = (
    OpKind(
        name="tile",
        signature=signature(
            _X, Argument("reps", ListOf(Integer(1)), help="times, axis by axis; the last are named")
        ),
        summary="The tensor repeated whole along its axes.",
        example="x |> tile([1, 2, 1, 1])",
        infer=_infer_tile,
        lower=_lower_tile,
        compute=_compute_tile,
        moves=True,
    ),
    OpKind(
        name="repeat_interleave",
        signature=signature(
            _X,
            Argument("repeats", Integer(1), help="times"),
            Argument("axis", Optional(Integer()), None, "the axis; none: all axes as one"),
        ),
        summary="Each element repeated, along an axis or of all.",
        example="x |> repeat_interleave(2, axis = 1)",
        infer=_infer_repeat,
        lower=_lower_repeat,
        compute=_compute_repeat,
        moves=True,
    ),
    OpKind(
        name="roll",
        signature=signature(
            _X,
            Argument(
                "shifts", Either((Integer(), ListOf(Integer()))), help="how far, axis by axis"
            ),
            Argument(
                "dims",
                Optional(Either((Integer(), ListOf(Integer())))),
                None,
                "an axis, or a list; none: all axes as one",
            ),
        ),
        summary="The elements of some axes moved on; what falls off comes back in front.",
        example="x |> roll(1, dims = 1)",
        infer=_infer_roll,
        lower=_lower_roll,
        compute=_compute_roll,
        moves=True,
        undo=_undo_roll,
    ),
    OpKind(
        name="pad",
        signature=signature(
            _X,
            Argument(
                "padding",
                ListOf(Integer()),
                help="[before, after] of the last axis, of the one before it, ...; "
                "below 0: how many are taken away",
            ),
            Argument(
                "mode",
                types.Choice(("constant", "reflect", "replicate", "circular")),
                "constant",
                "what is put",
            ),
            Argument(
                "value", Optional(types.Number(infinite=True)), None, "put by constant; none: 0"
            ),
        ),
        summary="The tensor with elements put around it.",
        example="x |> pad([1, 1])",
        infer=_infer_pad,
        lower=_lower_pad,
        compute=_compute_pad,
    ),
    _triangle("tril", "A matrix with zeros above a diagonal."),
    _triangle("triu", "A matrix with zeros below a diagonal."),
)
