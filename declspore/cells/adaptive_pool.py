"""Pools that make an output of a given size, whatever the input's."""

from __future__ import annotations

from typing import Any

from declspore.ir.shape import Dim, TensorType
from declspore.ir.term import Arguments
from declspore.registry.builder import Builder, Value
from declspore.registry.cell import CellKind
from declspore.registry.kind import Misfit
from declspore.registry.signature import Argument, signature
from declspore.registry.types import Integer, Optional, Repeated

_AXES = {1: "L", 2: "H, W", 3: "D, H, W"}


def _bounds(size: int, wanted: int) -> list[tuple[int, int]]:
    """Window i goes from floor(i n / m) to ceil((i + 1) n / m)."""
    return [(i * size // wanted, -(-(i + 1) * size // wanted)) for i in range(wanted)]


def _infer(word: str, n: int, a: Arguments, x: TensorType) -> TensorType:
    if x.rank != n + 2:
        raise Misfit(f"{word} takes [N, C, {_AXES[n]}], found {x}")
    sizes: list[Dim] = []
    for size, wanted in zip(x.shape[2:], a.output_size, strict=True):
        if wanted not in (None, 1) and not isinstance(size, int):
            raise Misfit(f"{word} to {wanted} needs a size that is known, found {x}")
        sizes.append(size if wanted is None else wanted)
    return x.with_shape((*x.shape[:2], *sizes))


def _pooled(ops: Any, tensor: Any, axis: int, size: Dim, wanted: int | None, best: bool) -> Any:
    """A channels-last tensor with one axis brought to a size."""
    reduce = ops.max if best else ops.mean
    if wanted is None or wanted == size:
        return tensor
    if wanted == 1:
        return reduce(tensor, axis=axis, keepdims=True)
    assert isinstance(size, int)
    before = (slice(None),) * axis
    parts = [
        reduce(tensor[(*before, slice(start, stop))], axis=axis, keepdims=True)
        for start, stop in _bounds(size, wanted)
    ]
    return ops.concatenate(parts, axis=axis)


def _cell(n: int, best: bool) -> CellKind:
    word = f"Adaptive{'Max' if best else 'Avg'}Pool{n}d"

    def lower(b: Builder, a: Arguments, x: Value) -> Value:
        tensor = b.channels_last(x)
        for axis, wanted in enumerate(a.output_size):
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
            )
        ),
        summary=f"The {'largest value' if best else 'mean'} of as many windows as the result has.",
        example=f"{word}(1)",
        infer=lambda a, x: _infer(word, n, a, x),
        lower=lower,
    )


KINDS = tuple(_cell(n, best) for best in (False, True) for n in (1, 2, 3))
