"""What moves elements: shapes, axes, repetition, padding, joining and splitting."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import prod

from declspore.exports.onnx.graph import Lower, Lowering, Tensor, WithoutForm
from declspore.ir.shape import Shape, product, static
from declspore.ir.term import Arguments
from declspore.numerics.axes import axes_of, axis_of
from declspore.numerics.padding import filling


def _given(a: Arguments, x: Tensor | None) -> Tensor:
    found: Tensor = a.input if x is None else x
    return found


# ---- shapes


def _reshape(n: Lowering, a: Arguments, x: Tensor | None = None) -> str:
    given = _given(a, x)
    return n.reshape(given.name, given.type.shape, n.type.shape)


def _flatten(n: Lowering, a: Arguments, x: Tensor | None = None) -> str:
    given = _given(a, x)
    if given.type.rank == n.type.rank:
        return n.emit("Identity", given)
    if n.type.rank == 2 and n.type.shape[0] == given.type.shape[0]:
        return n.emit("Flatten", given, axis=1)
    return n.reshape(given.name, given.type.shape, n.type.shape)


def _expand_dims(n: Lowering, a: Arguments) -> str:
    return n.emit("Unsqueeze", a.input, n.constant([axis_of(a.input, a.axis, extra=1)]))


def _squeeze(n: Lowering, a: Arguments) -> str:
    shape = a.input.type.shape
    axes = axes_of(a.input, a.axis)
    if a.axis is None:
        axes = tuple(axis for axis, dim in enumerate(shape) if dim == 1)
    return n.emit("Squeeze", a.input, n.constant(list(axes))) if axes else a.input.name


def _broadcast(n: Lowering, a: Arguments) -> str:
    return n.emit("Expand", a.input, n.sizes(n.type.shape))


def _tile(n: Lowering, a: Arguments) -> str:
    rank = a.input.type.rank
    reps = [1] * (rank - len(a.reps)) + list(a.reps)
    value = a.input.name
    if len(reps) > rank:
        value = n.emit("Unsqueeze", value, n.constant(list(range(len(reps) - rank))))
    return n.emit("Tile", value, n.constant(reps))


def _repeat(n: Lowering, a: Arguments) -> str:
    """Each element as an axis of its own, which is repeated and joined to its own."""
    x: Tensor = a.input
    value, shape, axis = x.name, x.type.shape, 0
    if a.axis is None:
        value, shape = n.emit("Reshape", x, n.constant([-1])), (product(x.type.shape),)
    else:
        axis = axis_of(x, a.axis)
    times = [1] * (len(shape) + 1)
    times[axis + 1] = a.repeats
    several = n.emit("Unsqueeze", value, n.constant([axis + 1]))
    tiled = n.emit("Tile", several, n.constant(times))
    wide = (*shape[: axis + 1], a.repeats, *shape[axis + 1 :])
    return n.reshape(tiled, wide, n.type.shape)


def _meshgrid(n: Lowering, a: Arguments) -> tuple[str, ...]:
    """With "xy" the first two vectors change places."""
    sizes, found = n.sizes(n.type.shape), []
    for number, vector in enumerate(a.inputs):
        axis = 1 - number if a.indexing == "xy" and number < 2 else number
        line = [1] * len(a.inputs)
        line[axis] = -1
        found.append(n.emit("Expand", n.emit("Reshape", vector, n.constant(line)), sizes))
    return tuple(found)


def _like(value: float) -> Callable[..., str]:
    def lower(n: Lowering, a: Arguments) -> str:
        filling = n.scalar(value, n.type.dtype)
        return n.emit("Expand", filling, n.emit("Shape", a.input))

    return lower


def _full_like(n: Lowering, a: Arguments) -> str:
    value = n.cast(a.fill_value, n.type.dtype)
    return n.emit("Expand", value, n.emit("Shape", a.input))


# ---- axes


def _transpose(n: Lowering, a: Arguments) -> str:
    return n.emit("Transpose", a.input, perm=[axis_of(a.input, axis) for axis in a.axis])


def _swapaxes(n: Lowering, a: Arguments) -> str:
    order = list(range(a.input.type.rank))
    first, second = axis_of(a.input, a.axis0), axis_of(a.input, a.axis1)
    order[first], order[second] = order[second], order[first]
    return n.emit("Transpose", a.input, perm=order)


def _flip(n: Lowering, a: Arguments) -> str:
    return flipped(n, a.input.name, axes_of(a.input, a.axis))


def flipped(n: Lowering, value: str, axes: tuple[int, ...]) -> str:
    """The elements in reverse order along some axes."""
    ends = n.constant([-(2**62)] * len(axes))
    starts, steps = n.constant([-1] * len(axes)), n.constant([-1] * len(axes))
    return n.emit("Slice", value, starts, ends, n.constant(list(axes)), steps)


def _roll(n: Lowering, a: Arguments) -> str:
    if a.dims is None:
        return _roll_of_all(n, a)
    shifts = a.shifts if isinstance(a.shifts, tuple) else (a.shifts,)
    dims = a.dims if isinstance(a.dims, tuple) else (a.dims,)
    value = a.input.name
    for shift, dim in zip(shifts, dims, strict=True):
        axis = axis_of(a.input, dim)
        size = a.input.type.shape[axis]
        if not isinstance(size, int):
            raise WithoutForm("it rolls an axis whose size is free")
        cut = -shift % size if size else 0
        if cut:
            first = part(n, value, axis, 0, cut)
            value = n.emit("Concat", part(n, value, axis, cut, size), first, axis=axis)
    return n.emit("Identity", value) if value == a.input.name else value


def _roll_of_all(n: Lowering, a: Arguments) -> str:
    """All axes as one."""
    sizes = static(a.input.type.shape)
    if sizes is None:
        raise WithoutForm("it rolls axes whose sizes are free")
    count = prod(sizes)
    cut = -a.shifts % count if count else 0
    line = n.emit("Reshape", a.input, n.constant([-1]))
    whole = n.emit("Concat", part(n, line, 0, cut, count), part(n, line, 0, 0, cut), axis=0)
    return n.emit("Reshape", whole, n.constant(list(sizes)))


def part(n: Lowering, value: str, axis: int, start: int, stop: int) -> str:
    """A slice along one axis."""
    bounds = n.constant([start]), n.constant([stop]), n.constant([axis])
    return n.emit("Slice", value, *bounds)


def _triangle(upper: int) -> Callable[..., str]:
    return lambda n, a: n.emit("Trilu", a.input, n.constant(a.diagonal), upper=upper)


# ---- padding

_MODES = {"constant": "constant", "reflect": "reflect", "replicate": "edge", "edge": "edge"}


def padded(
    n: Lowering, x: Tensor, sides: Sequence[tuple[int, int]], mode: str, value: float
) -> str:
    """Elements around a tensor; negative sizes take elements away. Raises WithoutForm."""
    if mode not in _MODES:
        raise WithoutForm(f'its mode "{mode}" is not one of ONNX')
    pads = [*(before for before, _ in sides), *(after for _, after in sides)]
    if mode != "constant" and any(count < 0 for count in pads):
        raise WithoutForm("it takes away elements where it mirrors others")
    fill = n.scalar(filling(x.type.dtype, value), x.type.dtype)
    return n.emit("Pad", x, n.constant(pads), fill, mode=_MODES[mode])


def _pad_op(n: Lowering, a: Arguments) -> str:
    named = [(a.padding[i], a.padding[i + 1]) for i in range(0, len(a.padding), 2)]
    sides = [(0, 0)] * (a.input.type.rank - len(named)) + named[::-1]
    return padded(n, a.input, sides, a.mode, a.value or 0.0)


def _pad_cell(n: Lowering, a: Arguments, x: Tensor) -> str:
    return padded(n, x, a.paddings, a.mode.lower(), 0.0)


def _sided(axes: int, mode: str) -> Callable[..., str]:
    """A cell that pads the last axes; MindSpore names the last axis first."""

    def lower(n: Lowering, a: Arguments, x: Tensor) -> str:
        given = a.padding if isinstance(a.padding, tuple) else (a.padding,) * (2 * axes)
        own = [(given[2 * i], given[2 * i + 1]) for i in reversed(range(axes))]
        sides = [(0, 0)] * (x.type.rank - axes) + own
        return padded(n, x, sides, mode, a.get("value", 0.0))

    return lower


# ---- joining and splitting


def _concat(n: Lowering, a: Arguments) -> str:
    return n.emit("Concat", *a.tensors, axis=axis_of(a.tensors[0], a.axis))


def _stack(n: Lowering, a: Arguments) -> str:
    axis = axis_of(a.tensors[0], a.axis, extra=1)
    parts = [n.emit("Unsqueeze", one, n.constant([axis])) for one in a.tensors]
    return n.emit("Concat", *parts, axis=axis)


def _parts(n: Lowering, value: Tensor, axis: int, shapes: list[Shape]) -> tuple[str, ...]:
    sizes = [shape[axis] for shape in shapes]
    return n.emit_many("Split", len(sizes), value, n.constant(sizes), axis=axis)


def _split(n: Lowering, a: Arguments) -> tuple[str, ...]:
    given: Tensor = a.get("tensor") or a.input
    return _parts(n, given, axis_of(given, a.axis), [type.shape for type in n.types])


def _unstack(n: Lowering, a: Arguments) -> tuple[str, ...]:
    axis = axis_of(a.input, a.axis)
    parts = n.emit_many("Split", len(n.types), a.input, n.constant([1] * len(n.types)), axis=axis)
    return tuple(n.emit("Squeeze", one, n.constant([axis])) for one in parts)


# ---- images


def _pixel_shuffle(n: Lowering, a: Arguments, x: Tensor | None = None) -> str:
    return n.emit("DepthToSpace", _given(a, x), blocksize=a.upscale_factor, mode="CRD")


def _channel_shuffle(n: Lowering, a: Arguments, x: Tensor | None = None) -> str:
    """Element i of group j becomes element j of group i."""
    given = _given(a, x)
    channels = given.type.shape[1]
    assert isinstance(channels, int)
    order = [
        group * (channels // a.groups) + place
        for place in range(channels // a.groups)
        for group in range(a.groups)
    ]
    return n.emit("Gather", given, n.constant(order), axis=1)


def _same(n: Lowering, a: Arguments, x: Tensor) -> str:
    return x.name


LOWERINGS: dict[str, Lower] = {
    "reshape": _reshape,
    "Unflatten": _reshape,
    "Flatten": _flatten,
    "flatten": _flatten,
    "expand_dims": _expand_dims,
    "squeeze": _squeeze,
    "broadcast_to": _broadcast,
    "tile": _tile,
    "repeat_interleave": _repeat,
    "meshgrid": _meshgrid,
    "zeros_like": _like(0.0),
    "ones_like": _like(1.0),
    "full_like": _full_like,
    "transpose": _transpose,
    "swapaxes": _swapaxes,
    "flip": _flip,
    "roll": _roll,
    "tril": _triangle(0),
    "triu": _triangle(1),
    "pad": _pad_op,
    "Pad": _pad_cell,
    **{f"ZeroPad{n}d": _sided(n, "constant") for n in (1, 2, 3)},
    **{f"ConstantPad{n}d": _sided(n, "constant") for n in (1, 2, 3)},
    **{f"ReflectionPad{n}d": _sided(n, "reflect") for n in (1, 2, 3)},
    **{f"ReplicationPad{n}d": _sided(n, "replicate") for n in (1, 2, 3)},
    "concat": _concat,
    "stack": _stack,
    "split": _split,
    "chunk": _split,
    "unstack": _unstack,
    "PixelShuffle": _pixel_shuffle,
    "pixel_shuffle": _pixel_shuffle,
    "ChannelShuffle": _channel_shuffle,
    "channel_shuffle": _channel_shuffle,
    "Identity": _same,
    **dict.fromkeys(("Dropout", "Dropout1d", "Dropout2d", "Dropout3d"), _same),
}
