"""The largest element of each window of channels-last tensors, and its index.

Of equal elements the first counts, and it alone has the gradient, as in MindSpore.
"""

from __future__ import annotations

from itertools import product
from math import prod

from declspore.ir.shape import Shape, TensorType, static
from declspore.ir.tensors import Ops, Tensor
from declspore.numerics.broadcast import added
from declspore.registry.kind import Misfit


def largest_of_windows(
    ops: Ops,
    tensor: Tensor,
    kernel: tuple[int, ...],
    stride: tuple[int, ...],
    dilation: tuple[int, ...],
) -> tuple[Tensor, Tensor]:
    """The largest element of each window of [N, ..., C], and its number within the window."""
    first, *others = (
        tensor[(slice(None), *_every(place, kernel, stride, dilation), slice(None))]
        for place in product(*map(range, kernel))
    )
    best, which = first, ops.zeros_like(first, dtype="int32")
    for number, found in enumerate(others, start=1):
        larger = found > best
        best = ops.where(larger, found, best)
        which = ops.where(larger, number, which)
    return best, which


def _every(
    place: tuple[int, ...],
    kernel: tuple[int, ...],
    stride: tuple[int, ...],
    dilation: tuple[int, ...],
) -> tuple[slice, ...]:
    """That element of every window, along each axis."""
    slices = []
    for at, size, step, rate in zip(place, kernel, stride, dilation, strict=True):
        left = rate * (size - 1 - at)
        slices.append(slice(at * rate, -left if left else None, step))
    return tuple(slices)


def flat_places(
    ops: Ops,
    which: Tensor,
    size: tuple[int, ...],
    kernel: tuple[int, ...],
    stride: tuple[int, ...],
    dilation: tuple[int, ...],
    before: tuple[int, ...],
) -> Tensor:
    """Numbers within windows as places in the input, whose axes of ``size`` count as one;
    ``before`` is the padding before each axis."""
    total: Tensor | None = None
    for axis, extent in enumerate(kernel):
        one = prod(size[axis + 1 :])
        within = which // prod(kernel[axis + 1 :]) % extent
        count = which.shape[axis + 1]
        first = (ops.arange(count, dtype="int32") * stride[axis] - before[axis]) * one
        shape = [count if place == axis + 1 else 1 for place in range(len(kernel) + 2)]
        place = added(ops, within * (dilation[axis] * one), ops.reshape(first, shape))
        total = place if total is None else total + place
    assert total is not None
    return total


def known_axes(word: str, x: TensorType) -> tuple[int, ...]:
    """The sizes after the channels, to count places by. Raises Misfit."""
    return known(word, x, x.shape[2:])


def known(word: str, x: TensorType, shape: Shape) -> tuple[int, ...]:
    """Sizes of a tensor that must be numbers. Raises Misfit."""
    found = static(shape)
    if found is None:
        raise Misfit(f"{word} counts places, which needs sizes that are known, found {x}")
    return found
