"""Transposed convolutions over one, two and three spatial axes."""

from __future__ import annotations

from math import prod

from declspore.ir.layout import Layout
from declspore.ir.shape import Dim, TensorType
from declspore.ir.tensors import Tensor
from declspore.ir.term import Arguments
from declspore.numerics.convolution import AXES, arguments, channels_of, completed, parameters_of
from declspore.numerics.costs import for_each_input
from declspore.registry.builder import Builder, Value
from declspore.registry.cell import CellKind, OwnParameter
from declspore.registry.kind import Misfit
from declspore.registry.signature import Argument
from declspore.registry.types import Integer, Repeated


def _complete(a: Arguments) -> Arguments:
    a = Arguments({"output_padding": (0,)}, **completed(a))
    for axis, extra in enumerate(a.output_padding):
        if extra and a.pad_mode != "pad":
            raise Misfit('output_padding is only for pad_mode "pad"', 'pad_mode = "pad"')
        if extra >= max(a.stride[axis], a.dilation[axis]):
            raise Misfit(f"output_padding {extra} must be less than stride or dilation")
    return a


def _stored(a: Arguments) -> tuple[int, ...]:
    return a.kernel_size if len(a.kernel_size) > 1 else (1, *a.kernel_size)


def _parameters(a: Arguments) -> tuple[OwnParameter, ...]:
    return parameters_of(a, (a.in_channels, a.out_channels // a.group, *_stored(a)))


def _size(a: Arguments, axis: int, size: Dim) -> Dim:
    """Of the result: same: stride n. valid: stride n + max(reach - stride, 0). pad:
    stride (n - 1) + reach - pads + output_padding, where reach is dilation (kernel - 1) + 1."""
    stride: int = a.stride[axis]
    reach: int = a.dilation[axis] * (a.kernel_size[axis] - 1) + 1
    if a.pad_mode == "same":
        return size * stride
    if a.pad_mode == "valid":
        return size * stride + max(reach - stride, 0)
    pads: int = a.padding[2 * axis] + a.padding[2 * axis + 1]
    extra: int = a.output_padding[axis]
    return (size - 1) * stride + (reach - pads + extra)


def _lower(b: Builder, a: Arguments, x: Value) -> Value:
    config: dict[str, object] = {
        "filters": a.out_channels,
        "kernel_size": a.kernel_size,
        "strides": a.stride,
        "padding": "same" if a.pad_mode == "same" else "valid",
        "dilation_rate": a.dilation,
        "use_bias": a.has_bias,
        "kernel_initializer": b.initial("weight"),
        "bias_initializer": b.initial("bias") if a.has_bias else "zeros",
    }
    if _is_ours(a):
        conv = b.layer(b.own.GroupedConvTranspose, "", groups=a.group, **config)
    else:
        layer = getattr(b.keras.layers, f"Conv{len(a.kernel_size)}DTranspose")
        conv = b.layer(layer, "", data_format="channels_last", **config)
    result = conv(_lengthened(b, a, b.channels_last(x)))
    b.bind("weight", conv.kernel, _layout(a))
    if a.has_bias:
        b.bind("bias", conv.bias)
    return b.from_channels_last(_cropped(b, a, result))


def _is_ours(a: Arguments) -> bool:
    """Whether the layer is one of ours (see there for what Keras's cannot do)."""
    single = all(extent == 1 for extent in a.kernel_size)
    strided = any(step > 1 for step in a.stride)
    return a.group > 1 or any(rate > 1 for rate in a.dilation) or (single and strided)


def _lacking(a: Arguments, axis: int) -> int:
    """How many elements ``output_padding`` asks for at the end of an axis beyond what Keras
    computes; below 0: how many of those fall off."""
    reach: int = a.dilation[axis] * (a.kernel_size[axis] - 1) + 1
    beyond: int = max(a.stride[axis] - reach, 0)
    extra: int = a.output_padding[axis] if _computes_extra(a) else 0
    after: int = a.padding[2 * axis + 1]
    return extra - after - beyond


def _computes_extra(a: Arguments) -> bool:
    """Over three axes ``output_padding`` brings elements of the result, over two zeros after the
    bias: MindSpore's cells differ in that."""
    return len(a.kernel_size) == 3


def _more(a: Arguments, axis: int) -> int:
    """How many zeros after the input make the result as long as that."""
    step: int = a.stride[axis]
    return -(-max(_lacking(a, axis), 0) // step) if a.pad_mode == "pad" else 0


def _lengthened(b: Builder, a: Arguments, tensor: Tensor) -> Tensor:
    more = [(0, _more(a, axis)) for axis in range(len(a.kernel_size))]
    if not any(map(any, more)):
        return tensor
    return b.keras.ops.pad(tensor, ((0, 0), *more, (0, 0)))


def _cropped(b: Builder, a: Arguments, tensor: Tensor) -> Tensor:
    """Keras computes all of it; ``padding`` says what falls off at both ends."""
    if a.pad_mode != "pad":
        return tensor
    n = len(a.kernel_size)
    crops = [
        (a.padding[2 * axis], _more(a, axis) * a.stride[axis] - _lacking(a, axis))
        for axis in range(n)
    ]
    if any(map(any, crops)):
        layer = getattr(b.keras.layers, f"Cropping{n}D")
        tensor = b.layer(layer, "crop", cropping=tuple(crops) if n > 1 else crops[0])(tensor)
    if any(a.output_padding) and not _computes_extra(a):
        added = tuple((0, extra) for extra in a.output_padding)
        layer = getattr(b.keras.layers, f"ZeroPadding{n}D")
        tensor = b.layer(layer, "pad", padding=added if n > 1 else added[0])(tensor)
    return tensor


def _layout(a: Arguments) -> Layout:
    """[I, O, ...] to Keras's [..., O, I]."""
    stored = _stored(a)
    order = (*range(2, 2 + len(stored)), 1, 0)
    merged = (
        None
        if len(a.kernel_size) > 1
        else (*a.kernel_size, a.out_channels // a.group, a.in_channels)
    )
    return Layout(order=order, merged=merged)


def _cell(n: int, example: str) -> CellKind:
    word = f"Conv{n}dTranspose"

    def infer(a: Arguments, x: TensorType) -> TensorType:
        channels_of(word, n, a, x)
        spatial = tuple(_size(a, axis, size) for axis, size in enumerate(x.shape[2:]))
        return x.with_shape((x.shape[0], a.out_channels, *spatial))

    extra = Argument("output_padding", Repeated(Integer(0), n), 0, "added at the end of each axis")
    # MindSpore's three cells take it in three ways
    before, after = {1: ((), ()), 2: ((extra,), ()), 3: ((), (extra,))}[n]
    return CellKind(
        name=word,
        signature=arguments(n, before, after, turned=True),
        summary=f"The gradient of Conv{n}d by its input, as a cell of [N, C, {AXES[n]}].",
        example=example,
        complete=_complete,
        parameters=_parameters,
        infer=infer,
        lower=_lower,
        multiply_adds=for_each_input(lambda a: prod(a.kernel_size) * (a.out_channels // a.group)),
    )


KINDS = (
    _cell(1, "Conv1dTranspose(4, 6, 5)"),
    _cell(2, 'Conv2dTranspose(4, 6, 3, stride = 2, pad_mode = "pad", padding = 1)'),
    _cell(3, "Conv3dTranspose(4, 6, 3)"),
)
