"""Sliding windows: the output sizes of convolutions and pools."""

from __future__ import annotations

from declspore.ir.shape import Dim, Shape, ceil_divide, show_shape
from declspore.registry.kind import Misfit

PAD_MODES = ("same", "valid", "pad")


def window_shape(
    spatial: Shape,
    kernel: tuple[int, ...],
    stride: tuple[int, ...],
    pad_mode: str,
    padding: tuple[int, ...] = (),
    dilation: tuple[int, ...] | None = None,
) -> Shape:
    """Spatial sizes after a window; ``padding`` is (begin, end) per axis, flat.

    same: ceil(n / stride). valid and pad: floor((n + pads - reach) / stride) + 1, where reach is
    dilation (kernel - 1) + 1. Raises Misfit where the window is larger than the input.
    """
    if pad_mode == "same":
        return tuple(ceil_divide(n, s) for n, s in zip(spatial, stride, strict=True))
    rates = dilation or (1,) * len(kernel)
    pads = padding or (0,) * (2 * len(kernel))
    sizes: list[Dim] = []
    for axis, size in enumerate(spatial):
        reach = rates[axis] * (kernel[axis] - 1) + 1
        padded = size + (pads[2 * axis] + pads[2 * axis + 1])
        if isinstance(padded, int) and padded < reach:
            raise Misfit(
                f"a window of {list(kernel)} does not fit into {show_shape(spatial)}",
                'a smaller kernel_size, or pad_mode = "same"',
            )
        sizes.append((padded - reach) // stride[axis] + 1)
    return tuple(sizes)


def same_sides(
    spatial: Shape,
    kernel: tuple[int, ...],
    stride: tuple[int, ...],
    dilation: tuple[int, ...] | None = None,
) -> tuple[tuple[int, int], ...]:
    """What ``same`` puts before and after each axis: the odd one after.

    Raises Misfit where a size is not known.
    """
    rates = dilation or (1,) * len(kernel)
    sides = []
    for size, extent, step, rate in zip(spatial, kernel, stride, rates, strict=True):
        if not isinstance(size, int):
            raise Misfit("pad_mode same needs sizes that are known here")
        reach = rate * (extent - 1) + 1
        total = max((-(-size // step) - 1) * step + reach - size, 0)
        sides.append((total // 2, total - total // 2))
    return tuple(sides)
