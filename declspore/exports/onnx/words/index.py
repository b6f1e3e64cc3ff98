"""What picks elements: slices, gathers, one-hot codes, numbers in order."""

from __future__ import annotations

import numpy as np

from declspore.exports.onnx.graph import Lower, Lowering, WithoutForm
from declspore.ir.dtype import INT64
from declspore.ir.shape import Dim
from declspore.ir.subscripts import NEW, spread
from declspore.ir.term import Arguments
from declspore.numerics.axes import axis_of

_FAR = 2**62
"""Beyond the end of every axis."""


def _getitem(n: Lowering, a: Arguments) -> str:
    """One slice of all axes that are cut, then the axes that go, then those that come."""
    cuts: list[tuple[int, Dim, Dim, int]] = []
    gone: list[int] = []
    new: list[int] = []
    axis = place = 0
    for each in spread(a.parts, a.input.type.rank):
        if isinstance(each, str):
            assert each == NEW, "no part is left that stands for several axes"
            new.append(place)
            place += 1
            continue
        if isinstance(each, tuple):
            start, stop, step = (*each, None)[:3]
            step = 1 if step is None else step
            assert isinstance(step, int), "sizes are no steps"
            if (start, stop, step) != (None, None, 1):
                first, last = (0, _FAR) if step > 0 else (-1, -_FAR)
                cuts.append(
                    (axis, first if start is None else start, last if stop is None else stop, step)
                )
            place += 1
        else:
            cuts.append((axis, each, each + 1 if each != -1 else _FAR, 1))
            gone.append(axis)
        axis += 1
    value = a.input.name
    if cuts:
        columns = (n.sizes(column) for column in zip(*cuts, strict=True))
        axes, starts, stops, steps = columns
        value = n.emit("Slice", value, starts, stops, axes, steps)
    if gone:
        value = n.emit("Squeeze", value, n.constant(gone))
    if new:
        value = n.emit("Unsqueeze", value, n.constant(new))
    return n.emit("Identity", value) if value == a.input.name else value


def _gather(n: Lowering, a: Arguments) -> str:
    axis = axis_of(a.input_params, a.axis)
    if a.batch_dims and a.batch_dims != axis:
        raise WithoutForm("its batch_dims are not all axes in front of its axis")
    if a.batch_dims:
        places = n.emit("Unsqueeze", n.cast(a.input_indices, INT64), n.constant([-1]))
        return n.emit("GatherND", a.input_params, places, batch_dims=a.batch_dims)
    return n.emit("Gather", a.input_params, a.input_indices, axis=axis)


def _gather_elements(n: Lowering, a: Arguments) -> str:
    return n.emit("GatherElements", a.input, a.index, axis=axis_of(a.input, a.dim))


def _index_select(n: Lowering, a: Arguments) -> str:
    return n.emit("Gather", a.input, a.index, axis=axis_of(a.input, a.axis))


def _gather_nd(n: Lowering, a: Arguments) -> str:
    return n.emit("GatherND", a.input_x, n.cast(a.indices, INT64))


def _one_hot(n: Lowering, a: Arguments) -> str:
    """Of an index below 0 or beyond the last class all elements are off; ONNX counts those below 0
    from the end."""
    axis = axis_of(a.indices, a.axis, extra=1)
    indices = n.cast(a.indices, INT64)
    inside = n.emit("Where", n.emit("Less", indices, n.constant(0)), n.constant(a.depth), indices)
    values = n.constant([a.off_value, a.on_value], n.type.dtype.numpy)
    return n.emit("OneHot", inside, n.constant(a.depth), values, axis=axis)


def _arange(n: Lowering, a: Arguments) -> str:
    start, end = (0, a.start) if a.end is None else (a.start, a.end)
    if isinstance(start, int) and isinstance(end, int):
        return n.constant(np.arange(start, end, a.step), a.dtype.numpy)
    found = n.emit("Range", _scalar(n, start), _scalar(n, end), n.constant(a.step))
    return n.emit("Cast", found, to=a.dtype.numpy)


def _scalar(n: Lowering, size: Dim) -> str:
    return n.emit("Squeeze", n.graph.size(size), n.constant([0]))


def _size(n: Lowering, a: Arguments) -> str:
    return n.emit("Cast", _scalar(n, a.dim), to=n.type.dtype.numpy)


LOWERINGS: dict[str, Lower] = {
    "getitem": _getitem,
    "gather": _gather,
    "gather_elements": _gather_elements,
    "index_select": _index_select,
    "gather_nd": _gather_nd,
    "one_hot": _one_hot,
    "arange": _arange,
    "size_of": _size,
}
