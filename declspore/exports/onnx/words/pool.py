"""Pools, with windows and to given sizes."""

from __future__ import annotations

from collections.abc import Callable
from math import prod

import numpy as np

from declspore.exports.onnx.graph import Lower, Lowering, Result, Tensor, WithoutForm
from declspore.ir.shape import product
from declspore.ir.term import Arguments
from declspore.numerics.pooling import room


def _window(a: Arguments, x: Tensor) -> dict[str, object]:
    """kernel, strides and padding. Raises WithoutForm where a window reaches beyond the padding
    by different amounts at different sizes."""
    window: dict[str, object] = {"kernel_shape": list(a.kernel_size), "strides": list(a.stride)}
    if a.pad_mode == "same":
        return {**window, "auto_pad": "SAME_UPPER"}
    if a.pad_mode == "pad" or a.ceil_mode:
        sides = room(a, x.type)
        return {
            **window,
            "pads": [*(before for before, _ in sides), *(after for _, after in sides)],
        }
    return window


def _largest(n: Lowering, a: Arguments, x: Tensor) -> str | tuple[str, ...]:
    """ONNX numbers places through all of a tensor, MindSpore through the spatial axes."""
    options = {"dilations": list(a.dilation), **_window(a, x)}
    if not a.return_indices:
        return n.emit("MaxPool", x, **options)
    found, places = n.emit_many("MaxPool", 2, x, **options)
    room = n.graph.size(product(x.type.shape[2:]))
    return found, n.emit("Cast", n.emit("Mod", places, room), to=n.types[1].dtype.numpy)


def _average(n: Lowering, a: Arguments, x: Tensor) -> str:
    window = _window(a, x)
    counts = a.pad_mode == "pad" and a.count_include_pad and a.padding not in (0, None)
    if isinstance(a.padding, tuple):
        counts = counts and any(a.padding)
    if a.pad_mode == "same" and (len(a.kernel_size) == 3 or a.ceil_mode):
        counts = a.count_include_pad
    if a.pad_mode == "pad" and counts and a.ceil_mode:
        beyond = any(after != before for before, after in room(a, x.type))
        if beyond:
            raise WithoutForm("padding counts, what ceil_mode brings in does not")
    divisor = a.get("divisor_override")
    if divisor is not None:
        counts = True
    found = n.emit("AveragePool", x, count_include_pad=int(counts), **window)
    if divisor is None:
        return found
    return n.emit("Mul", found, n.scalar(prod(a.kernel_size) / divisor, n.type.dtype))


def _function(of: Lower) -> Lower:
    """The op that does what the cell does: no ``pad_mode``, a stride that follows the window."""

    def lower(n: Lowering, a: Arguments) -> Result:
        given = {name: value for name, value in a.items() if name != "input"}
        stride = a.get("stride") or a.kernel_size
        divisor = {"divisor_override": a.get("divisor_override") or None}
        whole = {**given, **divisor, "stride": stride, "pad_mode": "pad"}
        return of(n, Arguments(whole), a.input)

    return lower


def _means(size: int, wanted: int) -> object:
    """[size, wanted]: window i goes from floor(i n / m) to ceil((i + 1) n / m)."""
    found = np.zeros((size, wanted))
    for index in range(wanted):
        start, stop = index * size // wanted, -(-(index + 1) * size // wanted)
        found[start:stop, index] = 1.0 / (stop - start)
    return found


def _adaptive(best: bool) -> Callable[..., str]:
    def lower(n: Lowering, a: Arguments, x: Tensor | None = None) -> str:
        given: Tensor = a.input if x is None else x
        if a.get("return_indices"):
            raise WithoutForm("the places of the largest elements are numbered in another way")
        sizes = list(zip(given.type.shape[2:], a.output_size, strict=True))
        whole = [axis + 2 for axis, (_, wanted) in enumerate(sizes) if wanted == 1]
        value = given.name
        if whole:
            operator = "ReduceMax" if best else "ReduceMean"
            value = n.emit(operator, value, n.constant(whole), keepdims=1)
        for axis, (size, wanted) in enumerate(sizes):
            if wanted not in (None, 1, size):
                assert isinstance(size, int)
                part = _best if best else _mean
                value = part(n, value, axis + 2, given.type.rank, size, wanted)
        return n.emit("Identity", value) if value == given.name else value

    return lower


def _mean(n: Lowering, value: str, axis: int, rank: int, size: int, wanted: int) -> str:
    """A product with the matrix of the windows along one axis."""
    matrix = n.constant(_means(size, wanted), n.type.dtype.numpy)
    order = [*(each for each in range(rank) if each != axis), axis]
    if axis == rank - 1:
        return n.emit("MatMul", value, matrix)
    back = [order.index(each) for each in range(rank)]
    moved = n.emit("MatMul", n.emit("Transpose", value, perm=order), matrix)
    return n.emit("Transpose", moved, perm=back)


def _best(n: Lowering, value: str, axis: int, rank: int, size: int, wanted: int) -> str:
    parts = []
    for index in range(wanted):
        start, stop = index * size // wanted, -(-(index + 1) * size // wanted)
        bounds = (n.constant([start]), n.constant([stop]), n.constant([axis]))
        part = n.emit("Slice", value, *bounds)
        parts.append(n.emit("ReduceMax", part, n.constant([axis]), keepdims=1))
    return n.emit("Concat", *parts, axis=axis)


LOWERINGS: dict[str, Lower] = {
    **{f"MaxPool{n}d": _largest for n in (1, 2, 3)},
    **{f"AvgPool{n}d": _average for n in (1, 2, 3)},
    **{f"max_pool{n}d": _function(_largest) for n in (2, 3)},
    **{f"avg_pool{n}d": _function(_average) for n in (1, 2, 3)},
    **{f"AdaptiveAvgPool{n}d": _adaptive(False) for n in (1, 2, 3)},
    **{f"AdaptiveMaxPool{n}d": _adaptive(True) for n in (1, 2, 3)},
    **{f"adaptive_avg_pool{n}d": _adaptive(False) for n in (1, 2, 3)},
    **{f"adaptive_max_pool{n}d": _adaptive(True) for n in (1, 2, 3)},
}
