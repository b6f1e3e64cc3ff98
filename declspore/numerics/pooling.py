"""What pools share: their windows and the room they make around the input."""

from __future__ import annotations

from declspore.ir.shape import Dim, TensorType
from declspore.ir.tensors import Ops, Tensor
from declspore.ir.term import Arguments
from declspore.numerics.elementwise import floats_of
from declspore.numerics.window import PAD_MODES, same_sides, window_shape
from declspore.registry.kind import Misfit
from declspore.registry.signature import Argument
from declspore.registry.types import (
    Boolean,
    Choice,
    Either,
    Integer,
    ListOf,
    Optional,
    Repeated,
    Shape,
)

AXES = {1: "L", 2: "H, W", 3: "D, H, W"}


def window_arguments(n: int) -> tuple[Argument, ...]:
    """kernel_size, stride, pad_mode and padding, as every pool of MindSpore begins."""
    sides = Either((Integer(0), ListOf(Integer(0), n)))
    return (
        Argument("kernel_size", Repeated(Integer(1), n), 1, "the window along each axis"),
        Argument("stride", Repeated(Integer(1), n), 1, "along each axis"),
        Argument("pad_mode", Choice(PAD_MODES), "valid", "same: output is ceil(input/stride)"),
        Argument("padding", sides, 0, "room on both sides of each axis"),
    )


UNPOOLED = Argument(
    "output_size", Optional(Shape(symbolic=True)), None, "the size of the result; none: the usual"
)
CEIL = Argument("ceil_mode", Boolean(), False, "whether a window may reach beyond the end")


def completed(a: Arguments) -> Arguments:
    """``padding`` as one number an axis, checked. Raises Misfit."""
    n = len(a.kernel_size)
    padding = a.padding if isinstance(a.padding, tuple) else (a.padding,) * n
    largest = "dilation" in a
    of_pad = largest and (a.ceil_mode or a.return_indices or any(n != 1 for n in a.dilation))
    if a.pad_mode != "pad" and (any(padding) or of_pad):
        which = "padding, ceil_mode, dilation, return_indices are" if largest else "padding is"
        raise Misfit(f'{which} for pad_mode "pad"', 'pad_mode = "pad"')
    for axis in range(n):
        if padding[axis] * 2 > a.kernel_size[axis]:
            raise Misfit(f"padding {padding[axis]} is more than half of the window")
    return Arguments(a, padding=padding)


def pooled(a: Arguments, x: TensorType, word: str) -> TensorType:
    """The type of the result. Raises Misfit."""
    n = len(a.kernel_size)
    if floats_of(x).rank != n + 2:
        raise Misfit(f"{word} takes [N, C, {AXES[n]}], found {x}")
    spatial = x.shape[2:]
    if a.pad_mode == "same" or (a.pad_mode == "valid" and not a.ceil_mode):
        sizes = window_shape(spatial, a.kernel_size, a.stride, a.pad_mode)
        return x.with_shape((*x.shape[:2], *sizes))
    sides = tuple(side for before, after in room(a, x) for side in (before, after))
    sizes = window_shape(spatial, a.kernel_size, a.stride, "pad", sides, a.get("dilation"))
    return x.with_shape((*x.shape[:2], *sizes))


def room(a: Arguments, x: TensorType) -> tuple[tuple[int, int], ...]:
    """What is added before and after each axis; with ``ceil_mode`` the last window's reach beyond.

    A window must begin within the input or the padding before it. Raises Misfit where that needs
    a size that is not known.
    """
    sides = []
    for axis, size in enumerate(x.shape[2:]):
        pad = a.padding[axis]
        sides.append((pad, pad + (_beyond(a, axis, size) if a.ceil_mode else 0)))
    return tuple(sides)


def same_room(a: Arguments, x: TensorType) -> tuple[tuple[int, int], ...]:
    """What ``same`` puts before and after each axis. Raises Misfit where a size is not known."""
    return same_sides(x.shape[2:], a.kernel_size, a.stride)


def _beyond(a: Arguments, axis: int, size: Dim) -> int:
    kernel: int
    stride: int
    pad: int
    rate = a.dilation[axis] if "dilation" in a else 1
    kernel = rate * (a.kernel_size[axis] - 1) + 1
    stride, pad = a.stride[axis], a.padding[axis]
    if not isinstance(size, int):
        raise Misfit("ceil_mode needs sizes that are known")
    count = -(-(size + 2 * pad - kernel) // stride) + 1
    if (count - 1) * stride >= size + pad:
        count -= 1
    return max(0, (count - 1) * stride + kernel - size - 2 * pad)


def around(ops: Ops, tensor: Tensor, sides: tuple[tuple[int, int], ...], value: float) -> Tensor:
    """A channels-last tensor with a value put around it."""
    if not any(map(any, sides)):
        return tensor
    return ops.pad(tensor, ((0, 0), *sides, (0, 0)), constant_values=value)
