"""Interpolation along axes: the weights are those of MindSpore's and PyTorch's ``interpolate``."""

from __future__ import annotations

from math import floor, prod

from declspore.ir.shape import TensorType
from declspore.ir.tensors import Array, Ops
from declspore.ir.term import Arguments
from declspore.numerics.axes import axis_of, type_of
from declspore.registry.kind import Misfit
from declspore.registry.signature import Argument, signature
from declspore.registry.tensor import TensorKind
from declspore.registry.types import Boolean, Choice, Integer, ListOf, Tensor

_CUBIC = -0.75
"""The free parameter of the cubic convolution, Keys 1981; PyTorch's value."""


def _infer(a: Arguments) -> TensorType:
    x = type_of(a.input)
    if len(a.axes) != len(a.size):
        raise Misfit(f"{len(a.size)} sizes for {len(a.axes)} axes")
    if not x.dtype.is_float:
        raise Misfit(f"{x} cannot be interpolated", "cast(..., f32)")
    places = [axis_of(x, axis) for axis in a.axes]
    if len(set(places)) < len(places):
        raise Misfit(f"axes {list(a.axes)} name one axis twice")
    if any(x.shape[place] == 0 for place in places):
        raise Misfit(f"{x} has no elements along an axis to interpolate")
    sizes = dict(zip(places, a.size, strict=True))
    return x.with_shape(tuple(sizes.get(axis, size) for axis, size in enumerate(x.shape)))


def _source(place: int, old: int, new: int, corners: bool) -> float:
    """Where a place of the result lies among the old ones."""
    if corners:
        return place * (old - 1) / (new - 1) if new > 1 else 0.0
    return (place + 0.5) * old / new - 0.5


def _linear(at: float, old: int) -> list[tuple[int, float]]:
    at = min(max(at, 0.0), old - 1.0)
    low = min(int(at), old - 1)
    part = at - low
    return [(low, 1.0 - part), (min(low + 1, old - 1), part)]


def _cubic(at: float, old: int) -> list[tuple[int, float]]:
    low = floor(at)
    return [(min(max(low + k, 0), old - 1), _weight(at - (low + k))) for k in (-1, 0, 1, 2)]


def _weight(distance: float) -> float:
    x = abs(distance)
    if x <= 1:
        return ((_CUBIC + 2) * x - (_CUBIC + 3)) * x * x + 1
    return ((_CUBIC * x - 5 * _CUBIC) * x + 8 * _CUBIC) * x - 4 * _CUBIC if x < 2 else 0.0


def _nearest(at: float, old: int) -> list[tuple[int, float]]:
    return [(min(max(int(at), 0), old - 1), 1.0)]


def _scratch(a: Arguments) -> int:
    """What lies between the axes, in float64: at most the largest two of it at once."""
    x = type_of(a.input)
    sizes = list(x.shape)
    between = []
    for axis, new in list(zip(a.axes, a.size, strict=True))[:-1]:
        sizes[axis] = new
        between.append(8 * prod(size for size in sizes if isinstance(size, int)))
    return sum(sorted(between)[-2:])


def _compute(np: Ops, a: Arguments) -> Array:
    found = a.input
    kept = np.float64 if found.dtype == np.float64 else np.float32
    axes = [axis % found.ndim for axis in a.axes]
    for axis, new in zip(axes, a.size, strict=True):
        found = _resized(np, found, axis, new, a, kept if axis == axes[-1] else np.float64)
    return found.astype(kept, copy=False)


def _resized(np: Ops, x: Array, axis: int, new: int, a: Arguments, dtype: object) -> Array:
    old = x.shape[axis]
    if old == new:
        return x
    taps = {"linear": _linear, "cubic": _cubic, "nearest": _nearest}[a.mode]
    found = np.empty((*x.shape[:axis], new, *x.shape[axis + 1 :]), dtype)
    for place in range(new):
        corner = place * old / new
        at = corner if a.mode == "nearest" else _source(place, old, new, a.align_corners)
        row = 0.0
        for index, weight in taps(at, old):
            row = row + np.take(x, index, axis).astype(np.float64) * weight
        found[(slice(None),) * axis + (place,)] = row
    return found


KINDS = (
    TensorKind(
        name="resize",
        signature=signature(
            Argument("input", Tensor(), help="a tensor of floats"),
            Argument("size", ListOf(Integer(1)), help="new sizes, axis by axis"),
            Argument("axes", ListOf(Integer()), help="the axes that are resized"),
            Argument("mode", Choice(("linear", "cubic", "nearest")), "linear", "interpolation"),
            Argument("align_corners", Boolean(), False, "whether the outermost elements stay"),
        ),
        summary="The tensor interpolated along axes: over two axes linear is bilinear, cubic is "
        "bicubic (a = -0.75). Places are pixels' centres unless corners are aligned; nearest takes "
        "the element at floor(place old / new).",
        example='resize(ones([7, 7]), [14, 14], axes = [0, 1], mode = "cubic")',
        infer=_infer,
        compute=_compute,
        scratch=_scratch,
        of_tensors=True,
    ),
)
