"""Images sampled where a grid says (mindspore.ops.grid_sample, affine_grid, 2.10)."""

from __future__ import annotations

from declspore.ir.shape import TensorType, show_shape, static
from declspore.ir.tensors import Ops
from declspore.ir.tensors import Tensor as Plain
from declspore.ir.term import Arguments
from declspore.numerics.axes import type_of
from declspore.numerics.broadcast import added
from declspore.numerics.elementwise import floats_of
from declspore.registry.builder import Builder, Value
from declspore.registry.kind import Misfit
from declspore.registry.op import OpKind
from declspore.registry.signature import Argument, signature
from declspore.registry.types import Boolean, Choice, Shape, Tensor

_CORNERS = Argument(
    "align_corners", Boolean(), False, "whether -1 and 1 are middles of the outermost elements"
)


# ---- sampling


def _infer_sample(a: Arguments) -> TensorType:
    x, grid = floats_of(a.input), floats_of(a.grid)
    if x.rank != 4 or static(x.shape[1:]) is None:
        raise Misfit(f"grid_sample takes [N, C, H, W] of known sizes, found {x}")
    sizes = static(grid.shape[1:])
    if grid.rank != 4 or grid.shape[0] != x.shape[0] or sizes is None or sizes[2] != 2:
        raise Misfit(f"grid must be [{x.shape[0]}, H, W, 2] of known sizes, found {grid}")
    return x.with_shape((*x.shape[:2], *sizes[:2]))


def _lower_sample(b: Builder, a: Arguments) -> Value:
    ops = b.keras.ops
    channels, height, width = static(type_of(a.input).shape[1:]) or (0, 0, 0)
    rows, columns = static(type_of(a.grid).shape[1:3]) or (0, 0)
    flat = ops.reshape(b.channels_last(a.input), (-1, height * width, channels))
    grid = ops.reshape(b.plain(a.grid), (-1, rows * columns, 2))
    x = _placed(ops, a, grid[:, :, 0], width)
    y = _placed(ops, a, grid[:, :, 1], height)
    if a.mode == "nearest":
        found = _taken(ops, flat, _rounded(ops, x), _rounded(ops, y), height, width)
    else:
        found = _mixed(ops, flat, x, y, height, width)
    return b.from_channels_last(ops.reshape(found, (-1, rows, columns, channels)))


def _placed(ops: Ops, a: Arguments, at: Plain, size: int) -> Plain:
    """From -1 ... 1 to places of elements, those beyond the ends moved as the padding says."""
    place = (at + 1.0) * ((size - 1) / 2.0) if a.align_corners else ((at + 1.0) * size - 1.0) / 2.0
    if a.padding_mode == "reflection":
        place = _reflected(ops, a, place, size)
    if a.padding_mode != "zeros":
        place = _within(ops, place, float(size - 1))
    return place


def _within(ops: Ops, place: Plain, last: float) -> Plain:
    """From 0 to ``last``; as in MindSpore, an end has no gradient."""
    ended = ops.where(place >= last, last, place)
    return ops.where(place <= 0.0, 0.0, ended)


def _rounded(ops: Ops, place: Plain) -> Plain:
    """The nearest integer, the outer one of two: MindSpore's choice."""
    size = ops.absolute(place)
    whole = ops.floor(size)
    return ops.sign(place) * ops.where(size - whole >= 0.5, whole + 1.0, whole)


def _reflected(ops: Ops, a: Arguments, place: Plain, size: int) -> Plain:
    """Mirrored at the middles of the outermost elements, or at their outer borders."""
    low, span = (0.0, float(size - 1)) if a.align_corners else (-0.5, float(size))
    if span == 0.0:
        return ops.zeros_like(place)
    way = ops.absolute(place - low)
    turns = ops.floor(way / span)
    rest = way - turns * span
    odd = turns - 2.0 * ops.floor(turns / 2.0)
    return ops.where(odd > 0.5, span - rest, rest) + low


def _taken(ops: Ops, flat: Plain, x: Plain, y: Plain, height: int, width: int) -> Plain:
    """The elements at whole places; zeros beyond the ends."""
    inside = ops.logical_and(
        ops.logical_and(x >= 0.0, x <= width - 1.0), ops.logical_and(y >= 0.0, y <= height - 1.0)
    )
    column = ops.cast(ops.minimum(ops.maximum(x, 0.0), width - 1.0), "int32")
    row = ops.cast(ops.minimum(ops.maximum(y, 0.0), height - 1.0), "int32")
    index = ops.expand_dims(row * width + column, -1)
    index = added(ops, ops.zeros_like(flat[:, :1], dtype="int32"), index)
    found = ops.take_along_axis(flat, index, axis=1)
    return found * ops.expand_dims(ops.cast(inside, found.dtype), -1)


def _mixed(ops: Ops, flat: Plain, x: Plain, y: Plain, height: int, width: int) -> Plain:
    left, top = ops.floor(x), ops.floor(y)
    total: Plain | None = None
    for right in (0.0, 1.0):
        for below in (0.0, 1.0):
            across = x - left if right else 1.0 - (x - left)
            down = y - top if below else 1.0 - (y - top)
            found = _taken(ops, flat, left + right, top + below, height, width)
            part = found * ops.expand_dims(across * down, -1)
            total = part if total is None else total + part
    assert total is not None
    return total


# ---- grids


def _infer_grid(a: Arguments) -> TensorType:
    theta, wanted = floats_of(a.theta), a.size
    if theta.rank != 3 or theta.shape[1:] != (2, 3):
        raise Misfit(f"theta must be [N, 2, 3], found {theta}")
    if len(wanted) != 4 or wanted[0] != theta.shape[0] or static(wanted[2:]) is None:
        help = f"affine_grid(theta, [{theta.shape[0]}, 3, 32, 32])"
        raise Misfit(f"size is [{theta.shape[0]}, C, H, W], found {show_shape(wanted)}", help)
    return theta.with_shape((theta.shape[0], *wanted[2:], 2))


def _line(size: int, cornered: bool) -> list[float]:
    if size == 1:
        return [0.0]
    if cornered:
        return [2.0 * i / (size - 1) - 1.0 for i in range(size)]
    return [(2.0 * i + 1.0) / size - 1.0 for i in range(size)]


def _lower_grid(b: Builder, a: Arguments) -> Value:
    ops = b.keras.ops
    sizes = static(a.size[2:]) or (0, 0)
    rows, columns = (_line(size, a.align_corners) for size in sizes)
    base = [[x, y, 1.0] for y in rows for x in columns]
    places = ops.convert_to_tensor(base, dtype="float32")
    found = ops.matmul(places, ops.transpose(b.plain(a.theta), (0, 2, 1)))
    return b.from_plain(ops.reshape(found, (-1, *sizes, 2)))


KINDS = (
    OpKind(
        name="grid_sample",
        signature=signature(
            Argument("input", Tensor(), help="[N, C, H, W]"),
            Argument("grid", Tensor(), help="[N, H, W, 2]: x and y from -1 to 1"),
            Argument("mode", Choice(("bilinear", "nearest")), "bilinear", "what is between"),
            Argument(
                "padding_mode",
                Choice(("zeros", "border", "reflection")),
                "zeros",
                "what is beyond the ends",
            ),
            _CORNERS,
        ),
        summary=(
            'The elements of images at places of a grid; by "nearest" the outer one of two that '
            "are equally near, which also has the gradient."
        ),
        example="grid_sample(ones([1, 4, 3, 3]), zeros([1, 2, 2, 2]))",
        infer=_infer_sample,
        lower=_lower_sample,
    ),
    OpKind(
        name="affine_grid",
        signature=signature(
            Argument("theta", Tensor(), help="affine maps [N, 2, 3]"),
            Argument("size", Shape(symbolic=True), help="[N, C, H, W] of the images"),
            _CORNERS,
        ),
        summary="The grid [N, H, W, 2] for grid_sample that affine maps make.",
        example="affine_grid(ones([1, 2, 3]), [1, 3, 4, 5])",
        infer=_infer_grid,
        lower=_lower_grid,
    ),
)
