"""Pools that make an output of a given size, whatever the input's."""

from __future__ import annotations

from collections.abc import Iterator
from math import prod

from declspore.ir.dtype import INT32, INT64
from declspore.ir.shape import Dim, TensorType
from declspore.ir.tensors import Ops, Tensor
from declspore.ir.term import Arguments
from declspore.numerics.broadcast import added
from declspore.numerics.elementwise import floats_of
from declspore.numerics.largest import known_axes
from declspore.numerics.order import place_of
from declspore.registry.builder import Builder, Value
from declspore.registry.cell import CellKind
from declspore.registry.kind import Misfit
from declspore.registry.signature import Argument, signature
from declspore.registry.types import Boolean, Integer, Optional, Repeated

_AXES = {1: "L", 2: "H, W", 3: "D, H, W"}


def _bounds(size: int, wanted: int) -> list[tuple[int, int]]:
    """Window i goes from floor(i n / m) to ceil((i + 1) n / m)."""
    return [(i * size // wanted, -(-(i + 1) * size // wanted)) for i in range(wanted)]


def _infer(word: str, n: int, a: Arguments, x: TensorType) -> TensorType:
    if floats_of(x).rank != n + 2:
        raise Misfit(f"{word} takes [N, C, {_AXES[n]}], found {x}")
    sizes: list[Dim] = []
    for size, wanted in zip(x.shape[2:], a.output_size, strict=True):
        if wanted not in (None, 1) and not isinstance(size, int):
            raise Misfit(f"{word} to {wanted} needs a size that is known, found {x}")
        sizes.append(size if wanted is None else wanted)
    return x.with_shape((*x.shape[:2], *sizes))


def _pooled(
    ops: Ops, tensor: Tensor, axis: int, size: Dim, wanted: int | None, best: bool
) -> Tensor:
    """A channels-last tensor with one axis brought to a size."""
    if wanted is None or wanted == size:
        return tensor
    if wanted == 1:
        return _reduced(ops, tensor, axis, best)
    assert isinstance(size, int)
    before = (slice(None),) * axis
    parts = [
        _reduced(ops, tensor[(*before, slice(start, stop))], axis, best)
        for start, stop in _bounds(size, wanted)
    ]
    return ops.concatenate(parts, axis=axis)


def _reduced(ops: Ops, tensor: Tensor, axis: int, best: bool) -> Tensor:
    """The mean, or the first of the largest: it has all of the gradient, as in MindSpore."""
    if not best:
        return ops.mean(tensor, axis=axis, keepdims=True)
    return _first_largest(ops, axis, tensor)[0]


def _first_largest(ops: Ops, axis: int, tensor: Tensor, *beside: Tensor) -> list[Tensor]:
    """The first of the largest elements along an axis, and what is there in other tensors."""
    first = place_of(ops, "argmax", tensor, axis)
    return [ops.take_along_axis(x, first, axis=axis) for x in (tensor, *beside)]


# ---- the places of the largest


_INDICES = Argument(
    "return_indices",
    Boolean(),
    False,
    "whether their places come too, numbered through the spatial axes",
)
_PLACES = {2: INT64, 3: INT32}
"""The type of MindSpore's indices; its cell over one axis returns none."""


def _infer_placed(
    word: str, n: int, a: Arguments, x: TensorType
) -> TensorType | tuple[TensorType, ...]:
    result = _infer(word, n, a, x)
    if not a.get("return_indices"):
        return result
    known_axes(word, x)
    return result, TensorType(_PLACES[n], result.shape)


def _placed(b: Builder, n: int, a: Arguments, x: Value) -> tuple[Value, ...]:
    """The last axis first: of equal elements, the first in the order of all axes is found."""
    ops, tensor, size = b.keras.ops, b.channels_last(x), known_axes("", x.type)
    numbers = ops.reshape(ops.arange(prod(size), dtype="int32"), (1, *size, 1))
    places = added(ops, ops.zeros_like(tensor, dtype="int32"), numbers)
    for axis in reversed(range(n)):
        wanted = a.output_size[axis]
        if wanted is not None:
            tensor, places = _pair(ops, tensor, places, axis + 1, size[axis], wanted)
    both = (tensor, ops.cast(places, _PLACES[n].numpy))
    return b.results(*(ops.moveaxis(found, -1, 1) for found in both))


def _pair(
    ops: Ops, tensor: Tensor, places: Tensor, axis: int, size: int, wanted: int
) -> Iterator[Tensor]:
    before, found = (slice(None),) * axis, []
    for start, stop in _bounds(size, wanted):
        part = (*before, slice(start, stop))
        found.append(_first_largest(ops, axis, tensor[part], places[part]))
    return (ops.concatenate(column, axis=axis) for column in zip(*found, strict=True))


def _cell(n: int, best: bool) -> CellKind:
    word = f"Adaptive{'Max' if best else 'Avg'}Pool{n}d"

    def lower(b: Builder, a: Arguments, x: Value) -> Value | tuple[Value, ...]:
        if a.get("return_indices"):
            return _placed(b, n, a, x)
        tensor = b.channels_last(x)
        for axis, wanted in reversed(tuple(enumerate(a.output_size))):
            size = x.type.shape[axis + 2]
            tensor = _pooled(b.keras.ops, tensor, axis + 1, size, wanted, best)
        return b.from_channels_last(tensor)

    return CellKind(
        name=word,
        signature=signature(
            Argument(
                "output_size",
                Repeated(Optional(Integer(1)), n),
                help="its sizes; none: the input's",
            ),
            *((_INDICES,) if best and n in _PLACES else ()),
        ),
        summary=f"The {'largest value' if best else 'mean'} of as many windows as the result has.",
        example=f"{word}(1)",
        infer=lambda a, x: _infer_placed(word, n, a, x),
        lower=lower,
    )


KINDS = tuple(_cell(n, best) for best in (False, True) for n in (1, 2, 3))
