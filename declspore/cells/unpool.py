"""What a MaxPool took, put back where it was (mindspore.nn.MaxUnpool1d, 2d, 3d, 2.10)."""

from __future__ import annotations

from declspore.ir.shape import Shape, TensorType, show_shape
from declspore.ir.term import Arguments, show
from declspore.numerics.largest import known_axes
from declspore.numerics.pooling import AXES, UNPOOLED
from declspore.numerics.put_along import put_along_last
from declspore.registry.builder import Builder, Value
from declspore.registry.cell import CellKind
from declspore.registry.kind import Misfit
from declspore.registry.signature import Argument, signature
from declspore.registry.types import Integer, Optional, Repeated


def _shape(a: Arguments, x: TensorType) -> Shape:
    """stride (n - 1) - 2 padding + kernel along each axis."""
    sizes = tuple(
        (size - 1) * stride + (kernel - 2 * pad)
        for size, stride, kernel, pad in zip(
            x.shape[2:], a.stride, a.kernel_size, a.padding, strict=True
        )
    )
    return (*x.shape[:2], *sizes)


def _asked(word: str, a: Arguments, x: TensorType, size: Shape) -> Shape:
    """A size that is asked for: of the last axes alone, or after channels and samples. It lies
    less than a stride from the usual one. Raises Misfit."""
    usual = _shape(a, x)
    n = len(a.kernel_size)
    before, wanted = size[:-n], size[-n:]
    if not n <= len(size) <= n + 2 or before != usual[2 - len(before) : 2]:
        forms = f"[{AXES[n]}], [C, {AXES[n]}] or [N, C, {AXES[n]}]"
        raise Misfit(f"output_size must be {forms} of {x}, found {show_shape(size)}")
    for dim, normal, stride in zip(wanted, usual[2:], a.stride, strict=True):
        distance = dim - normal
        if not isinstance(distance, int) or not -stride < distance < stride:
            raise Misfit(
                f"output_size {show_shape(wanted)} must be less than a stride {show(a.stride)} "
                f"from {show_shape(usual[2:])}"
            )
    return (*x.shape[:2], *wanted)


def _infer(
    word: str, a: Arguments, x: TensorType, indices: TensorType, size: Shape | None
) -> TensorType:
    n = len(a.kernel_size)
    if x.rank != n + 2:
        raise Misfit(f"{word} takes [N, C, {AXES[n]}], found {x}")
    if indices.shape != x.shape or not indices.dtype.is_integer:
        help = f"MaxPool{n}d(..., return_indices = true) gives them"
        raise Misfit(f"indices must be integers in the shape of {x}, found {indices}", help)
    if not isinstance(x.shape[1], int):
        raise Misfit(f"{word} needs channels that are known, found {x}")
    known_axes(word, x)
    return x.with_shape(_shape(a, x) if size is None else _asked(word, a, x, size))


def _lower(b: Builder, a: Arguments, x: Value, indices: Value, output_size: Shape | None) -> Value:
    ops = b.keras.ops
    channels, sizes = x.type.shape[1], known_axes("", x.type)
    after = known_axes("", b.output_type)
    count, room = 1, 1
    for size, grown in zip(sizes, after, strict=True):
        count, room = count * size, room * grown
    flat = (-1, channels, count)
    put = put_along_last(
        ops, ops.reshape(b.plain(x), flat), ops.reshape(b.plain(indices), flat), room
    )
    return b.from_plain(ops.reshape(put, (-1, channels, *after)))


def _cell(n: int) -> CellKind:
    word = f"MaxUnpool{n}d"
    return CellKind(
        name=word,
        signature=signature(
            Argument("kernel_size", Repeated(Integer(1), n), help="the window of the pool"),
            Argument("stride", Optional(Repeated(Integer(1), n)), None, "none: the window"),
            Argument("padding", Repeated(Integer(0), n), 0, "the room of the pool"),
        ),
        summary=f"Zeros, but for what MaxPool{n}d took, at the places it gave.",
        example=f"{word}(2)",
        complete=lambda a: Arguments(a, stride=a.stride or a.kernel_size),
        infer=lambda a, x, indices, output_size: _infer(word, a, x, indices, output_size),
        lower=_lower,
        inputs=("x", "indices"),
        optional=(UNPOOLED,),
    )


KINDS = tuple(_cell(n) for n in (1, 2, 3))
