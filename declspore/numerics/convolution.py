"""What convolutions and transposed convolutions share: arguments, parameters, zeros around."""

from __future__ import annotations

from collections.abc import Sequence
from math import sqrt

from declspore.ir.shape import TensorType
from declspore.ir.tensors import Tensor
from declspore.ir.term import Arguments
from declspore.numerics.elementwise import floats_of
from declspore.numerics.fans import fans
from declspore.numerics.initial import InitialValue, initializer
from declspore.numerics.window import PAD_MODES
from declspore.registry.builder import Builder
from declspore.registry.cell import OwnParameter
from declspore.registry.kind import Misfit
from declspore.registry.signature import Argument, Signature, signature
from declspore.registry.types import Boolean, Choice, Either, Integer, ListOf, Optional, Repeated

AXES = {1: "L", 2: "H, W", 3: "D, H, W"}
_SIDES = {
    1: "[left, right]",
    2: "[top, bottom, left, right]",
    3: "[head, tail, top, bottom, left, right]",
}


def arguments(
    n: int,
    before: tuple[Argument, ...] = (),
    after: tuple[Argument, ...] = (),
    *,
    turned: bool = False,
) -> Signature:
    """What every convolution over ``n`` axes takes, in MindSpore's order; ``turned`` of one that
    makes its input larger."""
    sides = Either((Integer(0), ListOf(Integer(0), 2 * n)))
    same = f"same: output is {'input * stride' if turned else 'ceil(input/stride)'}"
    return signature(
        Argument("in_channels", Integer(1), help="channels of the input"),
        Argument("out_channels", Integer(1), help="channels of the result"),
        Argument("kernel_size", Repeated(Integer(1), n), help="its extent along each axis"),
        Argument("stride", Repeated(Integer(1), n), 1, "along each axis"),
        Argument("pad_mode", Choice(PAD_MODES), "same", same),
        Argument("padding", sides, 0, f"zeros around, or {_SIDES[n]}"),
        *before,
        Argument("dilation", Repeated(Integer(1), n), 1, "along each axis"),
        Argument("group", Integer(1), 1, "groups of channels that do not mix"),
        *after,
        Argument("has_bias", Boolean(), False, "whether a bias is added"),
        Argument("weight_init", Optional(InitialValue()), None, "none: U(+-1/sqrt(fan_in))"),
        Argument("bias_init", Optional(InitialValue()), None, "none: U(+-1/sqrt(fan_in))"),
    )


def completed(a: Arguments) -> Arguments:
    """Checked against each other, ``padding`` as one number a side. Raises Misfit."""
    for name in ("in_channels", "out_channels"):
        if a[name] % a.group:
            raise Misfit(f"{name} {a[name]} is not a multiple of group {a.group}")
    given = a.padding
    padding = given if isinstance(given, tuple) else (given,) * (2 * len(a.kernel_size))
    if a.pad_mode != "pad" and any(padding):
        help = 'pad_mode = "pad"'
        raise Misfit(f'padding is only for pad_mode "pad", not "{a.pad_mode}"', help)
    return Arguments(a, padding=padding)


def channels_of(word: str, n: int, a: Arguments, x: TensorType) -> None:
    """Raises Misfit where an input is not of the channels a convolution takes."""
    if floats_of(x).rank != n + 2:
        raise Misfit(f"{word} takes [N, C, {AXES[n]}], found {x}")
    if x.shape[1] != a.in_channels and x.shape[-1] == a.in_channels:
        first = (x.shape[0], x.shape[-1], *x.shape[1:-1])
        raise Misfit(
            f"in_channels is {a.in_channels}, axis 1 of {x} is {x.shape[1]}",
            f"channels are axis 1, not the last: {x.with_shape(first)}",
        )
    if x.shape[1] != a.in_channels:
        raise Misfit(
            f"in_channels is {a.in_channels}, axis 1 of {x} is {x.shape[1]}",
            fits={"in_channels": x.shape[1]},
        )


def parameters_of(a: Arguments, shape: tuple[int, ...]) -> tuple[OwnParameter, ...]:
    """A weight of that shape and the bias, as MindSpore starts them."""
    weight_init = a.weight_init or initializer("HeUniform", negative_slope=sqrt(5.0))
    weight = OwnParameter("weight", shape, weight_init)
    if not a.has_bias:
        return (weight,)
    bias_init = a.bias_init or initializer("Uniform", scale=1.0 / sqrt(fans(shape)[0]))
    return (weight, OwnParameter("bias", (a.out_channels,), bias_init))


def thinned(b: Builder, a: Arguments, tensor: Tensor) -> tuple[Arguments, Tensor]:
    """A channels-last tensor without the elements that strides of one-element kernels skip, and
    the arguments with the strides that are left.

    The result is the same, and so is its memory traffic: kernels of one element gather what they
    do not skip. The strided form is avoided since TensorFlow 2.21 computes its gradient by the
    kernel out of bounds with oneDNN (below 16 channels it ends the process or is wrong), and
    since without oneDNN it shifts the windows of "same" over three axes.
    """
    if not any(step > 1 for step in a.stride):
        return a, tensor
    whole = all(extent == 1 for extent in a.kernel_size)
    alone = [(whole or len(a.kernel_size) == 3) and extent == 1 for extent in a.kernel_size]
    steps = [step if skips else 1 for step, skips in zip(a.stride, alone, strict=True)]
    if max(steps) == 1:
        return a, tensor
    left = tuple(1 if skips else step for step, skips in zip(a.stride, alone, strict=True))
    return Arguments(a, stride=left), every(b, tensor, steps)


def every(b: Builder, tensor: Tensor, steps: Sequence[int]) -> Tensor:
    """The first element of a channels-last tensor along each spatial axis, and every so many-th
    one after it.

    The means of windows of one element are these elements, to the bit; TensorFlow computes them
    and their gradient five times as fast as a slice with steps, which its kernels copy element by
    element. It has no means over three axes in half and double precision.
    """
    if len(steps) == 3:
        return tensor[(slice(None), *(slice(None, None, step) for step in steps))]
    found: Tensor = b.keras.ops.average_pool(
        tensor, 1, tuple(steps), padding="valid", data_format="channels_last"
    )
    return found


def shifts_windows(a: Arguments) -> bool:
    """Whether TensorFlow shifts the windows of "same": over three axes without oneDNN, where a
    stride is larger than its window, though nothing is padded then."""
    axes = zip(a.kernel_size, a.stride, a.dilation, strict=True)
    return (
        len(a.kernel_size) == 3
        and a.pad_mode == "same"
        and any(1 < rate * (extent - 1) + 1 < step for extent, step, rate in axes)
    )


def padded(b: Builder, a: Arguments, tensor: Tensor) -> Tensor:
    """The tensor with the zeros of ``pad_mode = "pad"`` around it, channels last."""
    if a.pad_mode != "pad" or not any(a.padding):
        return tensor
    n = len(a.kernel_size)
    pads = tuple((a.padding[2 * axis], a.padding[2 * axis + 1]) for axis in range(n))
    layer = getattr(b.keras.layers, f"ZeroPadding{n}D")
    return b.layer(layer, "pad", padding=pads if n > 1 else pads[0])(tensor)
