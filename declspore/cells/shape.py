"""Cells that move values about."""

from __future__ import annotations

from math import prod

from declspore.dataclass import dataclass
from declspore.ir.shape import TensorType, product, show_shape
from declspore.ir.term import Arguments
from declspore.numerics.axes import axis_of
from declspore.numerics.free_sizes import reshaped
from declspore.registry.builder import Builder, Value
from declspore.registry.cell import CellKind
from declspore.registry.kind import Misfit
from declspore.registry.signature import Argument, signature
from declspore.registry.types import Integer, ListOf


def _flat(a: Arguments, x: TensorType) -> TensorType:
    if x.rank < 2:
        raise Misfit(f"Flatten takes [N, ...], found {x}")
    first, last = axis_of(x, a.start_dim), axis_of(x, a.end_dim)
    if first > last:
        raise Misfit(f"axis {first} of {x} comes after axis {last}")
    joined = product(x.shape[first : last + 1])
    return x.with_shape((*x.shape[:first], joined, *x.shape[last + 1 :]))


def _lower_flatten(b: Builder, a: Arguments, x: Value) -> Value:
    if (axis_of(x.type, a.start_dim), axis_of(x.type, a.end_dim)) == (1, x.type.rank - 1):
        return b.flatten(x)
    return b.from_plain(b.reshape(b.plain(x), x.type, b.output_type.shape))


def _infer_unflatten(a: Arguments, x: TensorType) -> TensorType:
    axis, sizes = axis_of(x, a.axis), a.unflattened_size
    if sizes.count(-1) == 1:
        count, known = x.shape[axis], prod(size for size in sizes if size != -1)
        sizes = tuple(count // known if size == -1 else size for size in sizes)
    if -1 in sizes or x.shape[axis] != product(sizes):
        shown = show_shape(a.unflattened_size)
        raise Misfit(f"axis {axis} of {x} is {x.shape[axis]}, {shown} have other many elements")
    return x.with_shape((*x.shape[:axis], *sizes, *x.shape[axis + 1 :]))


@dataclass(frozen=True, slots=True)
class _Sizes:
    """Sizes of which one may be -1: what the others leave."""

    name: str = "a list of positive integers, of which one may be -1"

    def accept(self, value: object) -> tuple[int, ...]:
        found = ListOf(Integer()).accept(value)
        return tuple(Integer(1).accept(size) if size != -1 else size for size in found)


def _infer_channels(a: Arguments, x: TensorType) -> TensorType:
    channels = x.shape[1] if x.rank > 2 else None
    if not isinstance(channels, int) or channels % a.groups:
        raise Misfit(f"the channels of {x} do not divide into {a.groups} groups")
    return x


def _lower_channels(b: Builder, a: Arguments, x: Value) -> Value:
    """Element i of group j becomes element j of group i."""
    channels = x.type.shape[1]
    assert isinstance(channels, int)
    each = channels // a.groups
    order = [group * each + place for place in range(each) for group in range(a.groups)]
    ops = b.keras.ops
    found = ops.take(b.channels_last(x), ops.convert_to_tensor(order, dtype="int32"), axis=-1)
    return b.from_channels_last(found)


def _same(a: Arguments, x: TensorType) -> TensorType:
    return x


def _image(word: str, x: TensorType) -> tuple[int, ...]:
    if x.rank != 4:
        raise Misfit(f"{word} takes [N, C, H, W], found {x}")
    return x.shape  # type: ignore[return-value]


def _infer_shuffle(a: Arguments, x: TensorType) -> TensorType:
    n, channels, height, width = _image("PixelShuffle", x)
    r = a.upscale_factor
    if channels % (r * r):
        raise Misfit(f"{channels} channels are not a multiple of {r} x {r}")
    return x.with_shape((n, channels // (r * r), height * r, width * r))


def _lower_shuffle(b: Builder, a: Arguments, x: Value) -> Value:
    ops, r = b.keras.ops, a.upscale_factor
    _, channels, height, width = _known("PixelShuffle", x.type)
    parts = ops.reshape(b.plain(x), (-1, channels // (r * r), r, r, height, width))
    moved = ops.transpose(parts, (0, 1, 4, 2, 5, 3))
    return b.from_plain(ops.reshape(moved, (-1, channels // (r * r), height * r, width * r)))


def _infer_unshuffle(a: Arguments, x: TensorType) -> TensorType:
    n, channels, height, width = _image("PixelUnshuffle", x)
    r = a.downscale_factor
    if height % r or width % r:
        raise Misfit(f"{x} does not divide into squares of {r}")
    return x.with_shape((n, channels * r * r, height // r, width // r))


def _lower_unshuffle(b: Builder, a: Arguments, x: Value) -> Value:
    ops, r = b.keras.ops, a.downscale_factor
    _, channels, height, width = _known("PixelUnshuffle", x.type)
    parts = ops.reshape(b.plain(x), (-1, channels, height // r, r, width // r, r))
    moved = ops.transpose(parts, (0, 1, 3, 5, 2, 4))
    return b.from_plain(ops.reshape(moved, (-1, channels * r * r, height // r, width // r)))


def _known(word: str, x: TensorType) -> tuple[int, ...]:
    if not all(isinstance(dim, int) for dim in x.shape[1:]):
        raise Misfit(f"{word} needs sizes that are known, found {x}")
    return x.shape  # type: ignore[return-value]


KINDS = (
    CellKind(
        name="Flatten",
        signature=signature(
            Argument("start_dim", Integer(), 1, "the first axis that is joined"),
            Argument("end_dim", Integer(), -1, "the last axis that is joined"),
        ),
        summary="Some axes as one: [N, ...] to [N, features], in the order of the axes.",
        example="Flatten()",
        infer=_flat,
        lower=_lower_flatten,
        beyond_keras=reshaped,
    ),
    CellKind(
        name="Unflatten",
        signature=signature(
            Argument("axis", Integer(), help="the axis that is taken apart"),
            Argument("unflattened_size", _Sizes(), help="what it becomes"),
        ),
        summary="An axis as several.",
        example="Unflatten(1, [2, 2])",
        infer=_infer_unflatten,
        lower=lambda b, a, x: b.from_plain(b.reshape(b.plain(x), x.type, b.output_type.shape)),
        beyond_keras=reshaped,
    ),
    CellKind(
        name="ChannelShuffle",
        signature=signature(Argument("groups", Integer(1), help="groups of channels")),
        summary="The channels of [N, C, ...], one of each group after the other.",
        example="ChannelShuffle(2)",
        infer=_infer_channels,
        lower=_lower_channels,
    ),
    CellKind(
        name="Identity",
        signature=signature(),
        summary="x.",
        example="Identity()",
        infer=_same,
        lower=lambda b, a, x: x,
    ),
    CellKind(
        name="PixelShuffle",
        signature=signature(Argument("upscale_factor", Integer(1), help="how much larger")),
        summary="[N, C r r, H, W] to [N, C, H r, W r].",
        example="PixelShuffle(2)",
        infer=lambda a, x: _infer_shuffle(a, x.with_shape(_known("PixelShuffle", x))),
        lower=_lower_shuffle,
    ),
    CellKind(
        name="PixelUnshuffle",
        signature=signature(Argument("downscale_factor", Integer(1), help="how much smaller")),
        summary="[N, C, H r, W r] to [N, C r r, H, W].",
        example="PixelUnshuffle(2)",
        infer=lambda a, x: _infer_unshuffle(a, x.with_shape(_known("PixelUnshuffle", x))),
        lower=_lower_unshuffle,
    ),
)
