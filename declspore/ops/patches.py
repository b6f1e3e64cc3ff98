"""Windows as columns and back, blocks as channels and back."""

from __future__ import annotations

from itertools import product
from math import prod

from declspore.ir.shape import Shape, TensorType, static
from declspore.ir.tensors import Ops
from declspore.ir.tensors import Tensor as Plain
from declspore.ir.term import Arguments
from declspore.numerics.axes import type_of
from declspore.numerics.by_numpy import by_numpy
from declspore.numerics.elementwise import numbers_of
from declspore.numerics.window import window_shape
from declspore.registry.builder import Builder, Value
from declspore.registry.kind import Misfit
from declspore.registry.op import OpKind
from declspore.registry.signature import Argument, signature
from declspore.registry.types import Integer, Repeated, Tensor

_KERNEL = Argument("kernel_size", Repeated(Integer(1), 2), help="the window along each axis")
_MORE = (
    Argument("dilation", Repeated(Integer(1), 2), 1, "gaps in the window; 1: none"),
    Argument("padding", Repeated(Integer(0), 2), 0, "zeros on both sides of each axis"),
    Argument("stride", Repeated(Integer(1), 2), 1, "along each axis"),
)


def _counts(a: Arguments, spatial: Shape) -> Shape:
    """How many windows there are along each axis. Raises Misfit."""
    sides = tuple(pad for pad in a.padding for _ in range(2))
    return window_shape(spatial, a.kernel_size, a.stride, "pad", sides, a.dilation)


def _infer_unfold(a: Arguments) -> TensorType:
    x = type_of(a.input)
    if x.rank != 4:
        raise Misfit(f"unfold takes [N, C, H, W], found {x}")
    rows, columns = _counts(a, x.shape[2:])
    return x.with_shape((x.shape[0], x.shape[1] * prod(a.kernel_size), rows * columns))


def _lower_unfold(b: Builder, a: Arguments) -> Value:
    ops, x = b.keras.ops, type_of(a.input)
    sides = [(pad, pad) for pad in a.padding]
    tensor = b.plain(a.input)
    if any(a.padding):
        tensor = ops.pad(tensor, [(0, 0), (0, 0), *sides])
    found = []
    for place in product(*map(range, a.kernel_size)):
        cut = []
        for at, size, step, rate in zip(place, a.kernel_size, a.stride, a.dilation, strict=True):
            left = rate * (size - 1 - at)
            cut.append(slice(at * rate, -left if left else None, step))
        found.append(tensor[(slice(None), slice(None), *cut)])
    windows = ops.stack(found, axis=2)
    whole = x.with_shape((*x.shape[:2], len(found), *_counts(a, x.shape[2:])))
    return b.from_plain(b.reshape(windows, whole, b.output_type.shape))


def _infer_fold(a: Arguments) -> TensorType:
    x = numbers_of(a.input)
    each = prod(a.kernel_size)
    if x.rank != 3:
        raise Misfit(f"fold takes [N, C x window, windows], found {x}")
    if not isinstance(x.shape[1], int) or x.shape[1] % each:
        raise Misfit(f"axis 1 of {x} is not a multiple of the {each} elements of a window")
    counts = static(_counts(a, a.output_size)) or (0, 0)
    if x.shape[2] != prod(counts):
        raise Misfit(f"{list(counts)} windows fit into {list(a.output_size)}, {x} has others")
    return x.with_shape((x.shape[0], x.shape[1] // each, *a.output_size))


def _lower_fold(b: Builder, a: Arguments) -> Value:
    """Every element of the window by itself, spread by the stride and shifted to its place."""
    ops, counts = b.keras.ops, static(_counts(a, a.output_size)) or (0, 0)
    channels = b.output_type.shape[1]
    windows = ops.reshape(b.plain(a.input), (-1, channels, prod(a.kernel_size), *counts))
    total: Plain | None = None
    for number, place in enumerate(product(*map(range, a.kernel_size))):
        part = windows[:, :, number]
        for axis in (0, 1):
            part = _spread(ops, a, part, axis, place[axis], counts[axis])
        total = part if total is None else total + part
    assert total is not None
    rows, columns = (
        slice(pad, pad + size) for pad, size in zip(a.padding, a.output_size, strict=True)
    )
    return b.from_plain(total[:, :, rows, columns])


def _spread(ops: Ops, a: Arguments, part: Plain, axis: int, place: int, count: int) -> Plain:
    stride, whole = a.stride[axis], a.output_size[axis] + 2 * a.padding[axis]
    if stride > 1:
        sizes = list(part.shape[1:])
        gaps = [(0, 0)] * 5
        gaps[axis + 3] = (0, stride - 1)
        sizes[axis + 1] = count * stride
        part = ops.reshape(ops.pad(ops.expand_dims(part, axis + 3), gaps), (-1, *sizes))
        part = part[(slice(None),) * (axis + 2) + (slice(0, (count - 1) * stride + 1),)]
    before = place * a.dilation[axis]
    after = whole - before - (count - 1) * stride - 1
    sides = [(0, 0)] * 4
    sides[axis + 2] = (before, after)
    return ops.pad(part, sides)


# ---- blocks


def _known(word: str, x: TensorType) -> tuple[int, ...]:
    sizes = static(x.shape[1:])
    if x.rank != 4 or sizes is None:
        raise Misfit(f"{word} takes [N, C, H, W] of known sizes, found {x}")
    return sizes


def _infer_depth(a: Arguments) -> TensorType:
    x, n = type_of(a.x), a.block_size
    channels, height, width = _known("depth_to_space", x)
    if channels % (n * n):
        raise Misfit(f"{channels} channels are not a multiple of {n} x {n}")
    return x.with_shape((x.shape[0], channels // (n * n), height * n, width * n))


def _lower_depth(b: Builder, a: Arguments) -> Value:
    ops, n = b.keras.ops, a.block_size
    channels, height, width = _known("depth_to_space", type_of(a.x))
    parts = ops.reshape(b.plain(a.x), (-1, n, n, channels // (n * n), height, width))
    moved = ops.transpose(parts, (0, 3, 4, 1, 5, 2))
    return b.from_plain(ops.reshape(moved, (-1, channels // (n * n), height * n, width * n)))


def _infer_space(a: Arguments) -> TensorType:
    x, n = type_of(a.x), a.block_size
    channels, height, width = _known("space_to_depth", x)
    if height % n or width % n:
        raise Misfit(f"{x} does not divide into squares of {n}")
    return x.with_shape((x.shape[0], channels * n * n, height // n, width // n))


def _lower_space(b: Builder, a: Arguments) -> Value:
    ops, n = b.keras.ops, a.block_size
    channels, height, width = _known("space_to_depth", type_of(a.x))
    parts = ops.reshape(b.plain(a.x), (-1, channels, height // n, n, width // n, n))
    moved = ops.transpose(parts, (0, 3, 5, 1, 2, 4))
    return b.from_plain(ops.reshape(moved, (-1, channels * n * n, height // n, width // n)))


_BLOCK = Argument("block_size", Integer(1), help="the side of a square")

KINDS = (
    OpKind(
        name="unfold",
        signature=signature(Argument("input", Tensor(), help="[N, C, H, W]"), _KERNEL, *_MORE),
        summary="The windows of an image as columns: [N, C x window, windows].",
        example="unfold(x, 1)",
        infer=_infer_unfold,
        lower=_lower_unfold,
    ),
    OpKind(
        name="fold",
        signature=signature(
            Argument("input", Tensor(), help="[N, C x window, windows]"),
            Argument("output_size", Repeated(Integer(1), 2), help="height and width"),
            _KERNEL,
            *_MORE,
        ),
        summary="Columns put back as windows of an image; what overlaps is added.",
        example="fold(x[:, :, :, 0], 2, 2)",
        infer=_infer_fold,
        lower=_lower_fold,
    ),
    OpKind(
        name="depth_to_space",
        signature=signature(Argument("x", Tensor(), help="[N, C, H, W]"), _BLOCK),
        summary=(
            "[N, n n C, H, W] to [N, C, n H, n W]; other than in pixel_shuffle, the place within "
            "the square is the outer part of a channel's number."
        ),
        example="depth_to_space(x, 2)",
        infer=_infer_depth,
        lower=_lower_depth,
        **by_numpy(_lower_depth),
    ),
    OpKind(
        name="space_to_depth",
        signature=signature(Argument("x", Tensor(), help="[N, C, H, W]"), _BLOCK),
        summary=(
            "[N, C, n H, n W] to [N, n n C, H, W]; other than in pixel_unshuffle, the place within "
            "the square is the outer part of a channel's number."
        ),
        example="space_to_depth(ones([1, 2, 4, 4]), 2)",
        infer=_infer_space,
        lower=_lower_space,
        **by_numpy(_lower_space),
    ),
)
