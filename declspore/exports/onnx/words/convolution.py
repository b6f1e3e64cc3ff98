"""Convolutions and transposed convolutions, channels first as MindSpore has them."""

from __future__ import annotations

from declspore.exports.onnx.graph import Lower, Lowering, Tensor
from declspore.ir.term import Arguments


def _weight(n: Lowering, a: Arguments, first: int, second: int) -> str:
    """The kernel; MindSpore keeps that of one axis with a height of 1."""
    weight = n.parameter("weight")
    if len(a.kernel_size) > 1:
        return weight
    return n.emit("Reshape", weight, n.constant([first, second, *a.kernel_size]))


def _sides(padding: tuple[int, ...]) -> list[int]:
    """(before, after) of each axis as ONNX's all before, then all after."""
    return [*padding[::2], *padding[1::2]]


def _conv(n: Lowering, a: Arguments, x: Tensor) -> str:
    weight = _weight(n, a, a.out_channels, a.in_channels // a.group)
    bias = (n.parameter("bias"),) if a.has_bias else ()
    padding: dict[str, object] = {}
    if a.pad_mode == "same":
        padding = _same(a, x)
    elif a.pad_mode == "pad":
        padding = {"pads": _sides(a.padding)}
    return n.emit(
        "Conv",
        x,
        weight,
        *bias,
        kernel_shape=list(a.kernel_size),
        strides=list(a.stride),
        dilations=list(a.dilation),
        group=a.group,
        **padding,
    )


def _same(a: Arguments, x: Tensor) -> dict[str, object]:
    """The odd element after: in numbers where the sizes are known."""
    before, after = [], []
    for axis, size in enumerate(x.type.shape[2:]):
        step, reach = a.stride[axis], a.dilation[axis] * (a.kernel_size[axis] - 1) + 1
        if step == 1:
            total = reach - 1
        elif isinstance(size, int):
            total = max((-(-size // step) - 1) * step + reach - size, 0)
        else:
            return {"auto_pad": "SAME_UPPER"}
        before.append(total // 2)
        after.append(total - total // 2)
    return {"pads": [*before, *after]}


def _conv_op(n: Lowering, a: Arguments) -> str:
    """With a weight that is a tensor, whose sizes are known."""
    x: Tensor = a.input
    window = Arguments(a, kernel_size=a.weight.type.shape[2:])
    padding: dict[str, object] = {}
    if a.pad_mode == "same":
        padding = _same(window, x)
    elif a.pad_mode == "pad":
        padding = {"pads": [*a.padding, *a.padding]}
    bias = () if a.bias is None else (a.bias,)
    steps = {"strides": list(a.stride), "dilations": list(a.dilation)}
    return n.emit("Conv", x, a.weight, *bias, group=a.groups, **steps, **padding)


def _transposed(n: Lowering, a: Arguments, x: Tensor) -> str:
    weight = _weight(n, a, a.in_channels, a.out_channels // a.group)
    bias = (n.parameter("bias"),) if a.has_bias else ()
    axes = range(len(a.kernel_size))
    reach = [a.dilation[i] * (a.kernel_size[i] - 1) + 1 for i in axes]
    extra = [0 for _ in axes]
    pads = [0] * (2 * len(reach))
    zeros = [0 for _ in axes]
    if a.pad_mode == "pad":
        pads = _sides(a.padding)
        if len(a.kernel_size) == 3:
            extra = list(a.output_padding)
        else:
            # over two axes MindSpore puts zeros after the bias
            zeros = list(a.output_padding)
    else:
        beyond = [reach[i] - a.stride[i] for i in axes]
        extra = [max(-over, 0) for over in beyond]
        if a.pad_mode == "same":
            total = [max(over, 0) for over in beyond]
            pads = [*(each // 2 for each in total), *(each - each // 2 for each in total)]
    found = n.emit(
        "ConvTranspose",
        x,
        weight,
        *bias,
        kernel_shape=list(a.kernel_size),
        strides=list(a.stride),
        dilations=list(a.dilation),
        group=a.group,
        pads=pads,
        output_padding=extra if any(extra) else None,
    )
    if not any(zeros):
        return found
    sides = [0] * (2 + len(zeros)) + [0, 0, *zeros]
    return n.emit("Pad", found, n.constant(sides), mode="constant")


LOWERINGS: dict[str, Lower] = {
    **{f"conv{n}d": _conv_op for n in (1, 2, 3)},
    "Conv1d": _conv,
    "Conv2d": _conv,
    "Conv3d": _conv,
    "Conv1dTranspose": _transposed,
    "Conv2dTranspose": _transposed,
    "Conv3dTranspose": _transposed,
}
