"""Interpolation: what the cell Upsample and the op interpolate share (mindspore.ops.interpolate).

Each spatial axis is brought to its size by itself: every new element is a weighted sum of a few
old ones, whose places and weights follow from the sizes alone.
"""

from __future__ import annotations

from math import floor

from declspore.ir.shape import Dim, TensorType
from declspore.ir.tensors import Ops, Tensor
from declspore.ir.term import Arguments
from declspore.numerics.elementwise import floats_of
from declspore.numerics.lines import numbers_to, size_of
from declspore.registry.builder import Builder, Value
from declspore.registry.kind import Misfit
from declspore.registry.signature import Argument
from declspore.registry.types import Boolean, Choice, Either, Extent, ListOf, Number, Optional

MODES = {
    "nearest": (3, 4, 5),
    "linear": (3,),
    "bilinear": (4,),
    "trilinear": (5,),
    "bicubic": (4,),
    "area": (3, 4, 5),
    "nearest-exact": (3, 4),
}
_CORNERED = ("linear", "bilinear", "trilinear", "bicubic")
_SCALED = (("area", 3), ("area", 4), ("area", 5), ("nearest", 5), ("trilinear", 5))

ARGUMENTS = (
    Argument(
        "size",
        Optional(Either((Extent(1), ListOf(Extent(1))))),
        None,
        "the new size of every spatial axis, or of each",
    ),
    Argument(
        "scale_factor",
        Optional(Either((Number(above=0.0), ListOf(Number(above=0.0))))),
        None,
        "how much larger, in place of size",
    ),
    Argument("mode", Choice(tuple(MODES)), "nearest", "how elements between are found"),
    Argument("align_corners", Optional(Boolean()), None, "whether the ends stay at the ends"),
    Argument(
        "recompute_scale_factor", Optional(Boolean()), None, "whether the new size sets the scale"
    ),
)


def resized(word: str, a: Arguments, x: TensorType) -> TensorType:
    """The type of the result. Raises Misfit."""
    if floats_of(x).rank not in MODES[a.mode]:
        takes = " or ".join(map(str, MODES[a.mode]))
        raise Misfit(f'{word} by "{a.mode}" takes {takes} axes, found {x}')
    if (a.size is None) == (a.scale_factor is None):
        raise Misfit("one of size and scale_factor must be given")
    if a.align_corners is not None and a.mode not in _CORNERED:
        raise Misfit(f'align_corners is not for mode "{a.mode}"')
    if a.size is not None and a.recompute_scale_factor:
        raise Misfit("recompute_scale_factor is for scale_factor, not for size")
    by_scale = a.scale_factor is not None and not a.recompute_scale_factor
    if by_scale and (a.mode, x.rank) not in _SCALED:
        help = "recompute_scale_factor = true"
        raise Misfit(f'mode "{a.mode}" takes scale_factor with recompute_scale_factor only', help)
    sizes = _sizes(a, x)
    is_known = all(isinstance(dim, int) for dim in (*x.shape[2:], *sizes))
    if not is_known and a.mode not in _OF_FREE_SIZES and sizes != x.shape[2:]:
        reason = f'{word} by "{a.mode}" needs sizes that are known, found {x}'
        raise Misfit(reason, f"one of the modes {', '.join(_OF_FREE_SIZES)}")
    if 0 in sizes:
        raise Misfit(f"nothing would be left of an axis of {x}", "a larger scale_factor, or size")
    return x.with_shape((*x.shape[:2], *sizes))


def _sizes(a: Arguments, x: TensorType) -> tuple[Dim, ...]:
    given = a.size if a.size is not None else a.scale_factor
    listed = given if isinstance(given, tuple) else (given,) * (x.rank - 2)
    if len(listed) != x.rank - 2:
        raise Misfit(f"{len(listed)} sizes are given for {x.rank - 2} axes")
    if a.size is not None:
        return tuple(listed)
    return tuple(_scaled(dim, by) for dim, by in zip(x.shape[2:], listed, strict=True))


def _scaled(dim: Dim, by: float) -> Dim:
    if by == int(by):
        return dim * int(by)
    if not isinstance(dim, int):
        raise Misfit(f"a scale of {by} needs a size that is known")
    return floor(dim * by)


def lower_resize(b: Builder, a: Arguments, x: Value) -> Value:
    """The tensor at its new size, channels-last."""
    ops, tensor = b.keras.ops, b.channels_last(x)
    wanted = b.output_type.shape[2:]
    known = all(isinstance(dim, int) for dim in (*x.type.shape[2:], *wanted))
    if a.mode == "bilinear" and not a.align_corners and known and _by_middles(a):
        found = ops.image.resize(tensor, wanted, "bilinear", data_format="channels_last")
        return b.from_channels_last(found)
    for axis, (size, new) in enumerate(zip(x.type.shape[2:], wanted, strict=True)):
        tensor = _along(b, a, tensor, axis + 1, size, new)
    return b.from_channels_last(tensor)


def _along(b: Builder, a: Arguments, tensor: Tensor, axis: int, size: Dim, new: Dim) -> Tensor:
    ops = b.keras.ops
    if size == new:
        return tensor
    if not isinstance(size, int) or not isinstance(new, int):
        return _along_free(b, a, tensor, axis, size, new)
    if a.mode == "nearest" and new % size == 0 and not a.align_corners:
        return ops.repeat(tensor, new // size, axis=axis)
    shape = [1] * len(tensor.shape)
    shape[axis] = new
    total: Tensor | None = None
    for places, shares in weights(a, axis, size, new):
        part = ops.take(tensor, ops.convert_to_tensor(places, dtype="int32"), axis=axis)
        if any(share != 1.0 for share in shares):
            factor = ops.reshape(ops.convert_to_tensor(shares, dtype="float32"), shape)
            part = part * ops.cast(factor, part.dtype)
        total = part if total is None else total + part
    assert total is not None
    return total


_OF_FREE_SIZES = ("nearest", "nearest-exact", "linear", "bilinear", "trilinear")


def _along_free(b: Builder, a: Arguments, tensor: Tensor, axis: int, size: Dim, new: Dim) -> Tensor:
    """The same where a size is known only when the model runs."""
    ops, index = b.keras.ops, numbers_to(b, new)
    old, made = size_of(b, size), size_of(b, new)
    if a.mode.startswith("nearest"):
        return ops.take(tensor, _nearest_free(ops, a, index, old, made), axis=axis)
    place = _place_free(ops, a, axis, ops.cast(index, "float32"), old, made)
    low = ops.cast(ops.floor(place), "int32")
    shape = [1] * len(tensor.shape)
    shape[axis] = -1
    share = ops.cast(ops.reshape(place - ops.floor(place), shape), tensor.dtype)
    below = ops.take(tensor, ops.minimum(low, old - 1), axis=axis)
    above = ops.take(tensor, ops.minimum(low + 1, old - 1), axis=axis)
    return below * (1.0 - share) + above * share


def _nearest_free(ops: Ops, a: Arguments, index: Tensor, old: Tensor, made: Tensor) -> Tensor:
    """Places in whole steps, so that nothing is rounded."""
    if a.align_corners:  # floor(i (old - 1) / (made - 1) + 1 / 2)
        last = ops.maximum(made - 1, 1)
        place = (2 * index * (old - 1) + last) // (2 * last)
    elif a.mode == "nearest-exact":
        place = (2 * index + 1) * old // (2 * made)
    else:
        place = index * old // made
    return ops.minimum(place, old - 1)


def _place_free(
    ops: Ops, a: Arguments, axis: int, index: Tensor, old: Tensor, made: Tensor
) -> Tensor:
    """Where each new element lies among the old ones."""
    of, to = ops.cast(old, "float32"), ops.cast(made, "float32")
    if a.align_corners:
        return index * ((of - 1.0) / ops.maximum(to - 1.0, 1.0))
    ratio = of / to
    if a.scale_factor is not None and not a.recompute_scale_factor:
        factor = a.scale_factor
        ratio = 1.0 / float(factor[axis - 1] if isinstance(factor, tuple) else factor)
    place = (index + 0.5) * ratio - 0.5 if _by_middles(a) else index * ratio
    return ops.maximum(place, 0.0)


def weights(
    a: Arguments, axis: int, size: int, new: int
) -> list[tuple[tuple[int, ...], tuple[float, ...]]]:
    """Old elements and their weights, tap by tap, for every new element of an axis."""
    rows = [_row(a, size, new, index, _ratio(a, axis, size, new)) for index in range(new)]
    count = max(map(len, rows))
    filled = [row + [(0, 0.0)] * (count - len(row)) for row in rows]
    return [
        (tuple(row[tap][0] for row in filled), tuple(row[tap][1] for row in filled))
        for tap in range(count)
    ]


def _ratio(a: Arguments, axis: int, size: int, new: int) -> float:
    """How far a step in the result goes in the input."""
    if a.scale_factor is None or a.recompute_scale_factor or a.mode == "area":
        return size / new
    factor = a.scale_factor
    return 1.0 / float(factor[axis - 1] if isinstance(factor, tuple) else factor)


def _row(a: Arguments, size: int, new: int, index: int, ratio: float) -> list[tuple[int, float]]:
    """(place, weight) of the old elements that make one new element."""
    if a.mode == "area":
        start, stop = index * size // new, -(-(index + 1) * size // new)
        return [(place, 1.0 / (stop - start)) for place in range(start, stop)]
    if a.mode == "nearest":
        place = floor(_cornered(size, new, index) + 0.5) if a.align_corners else index * ratio
        return [(min(floor(place), size - 1), 1.0)]
    if a.mode == "nearest-exact":
        return [(min(floor((index + 0.5) * ratio), size - 1), 1.0)]
    if a.align_corners:
        place = _cornered(size, new, index)
    else:
        place = (index + 0.5) * ratio - 0.5 if _by_middles(a) else index * ratio
    if a.mode == "bicubic":
        return _cubic(place, size, bool(a.align_corners))
    place = max(place, 0.0)
    low = min(floor(place), size - 1)
    share = place - low
    return [(low, 1.0 - share), (min(low + 1, size - 1), share)]


def _by_middles(a: Arguments) -> bool:
    """Whether the middles of elements meet, which is so but for ops that say otherwise."""
    return bool(a.get("half_pixel_centers", True))


def _cornered(size: int, new: int, index: int) -> float:
    return index * (size - 1) / (new - 1) if new > 1 else 0.0


def _cubic(place: float, size: int, cornered: bool) -> list[tuple[int, float]]:
    """Keys's kernel over four elements: with aligned corners a = -0.75 and the outermost element
    repeated; else a = -0.5 and what lies beyond left out of the mean."""
    low, a = floor(place), -0.75 if cornered else -0.5

    def weight(x: float) -> float:
        x = abs(x)
        if x <= 1:
            return ((a + 2) * x - (a + 3)) * x * x + 1
        return ((a * x - 5 * a) * x + 8 * a) * x - 4 * a

    taps = [(tap, weight(place - tap)) for tap in range(low - 1, low + 3)]
    if cornered:
        return [(min(max(tap, 0), size - 1), share) for tap, share in taps]
    within = [(tap, share) for tap, share in taps if 0 <= tap < size]
    total = sum(share for _, share in within)
    return [(tap, share / total) for tap, share in within]
