"""Convolutions over one, two and three spatial axes."""

from __future__ import annotations

from collections.abc import Mapping
from math import prod

from declspore.ir.layout import Layout
from declspore.ir.shape import TensorType
from declspore.ir.term import Arguments
from declspore.numerics.convolution import (
    AXES,
    arguments,
    channels_of,
    completed,
    every,
    padded,
    parameters_of,
    shifts_windows,
    thinned,
)
from declspore.numerics.costs import for_each_result
from declspore.numerics.window import same_sides, window_shape
from declspore.registry.builder import Builder, Layer, Value
from declspore.registry.cell import CallOp, CellKind, OwnParameter


def _stored(a: Arguments) -> tuple[int, ...]:
    """The kernel as MindSpore stores it: that of Conv1d has a height of 1."""
    return a.kernel_size if len(a.kernel_size) > 1 else (1, *a.kernel_size)


def _parameters(a: Arguments) -> tuple[OwnParameter, ...]:
    return parameters_of(a, (a.out_channels, a.in_channels // a.group, *_stored(a)))


def _layout(a: Arguments) -> Layout:
    """[O, I, ...] to Keras's [..., I, O]."""
    stored = _stored(a)
    order = (*range(2, 2 + len(stored)), 1, 0)
    if len(a.kernel_size) > 1:
        return Layout(order=order)
    return Layout(order=order, merged=(*a.kernel_size, a.in_channels // a.group, a.out_channels))


def _depthwise_layout(a: Arguments) -> Layout:
    """[C*m, 1, ...] to Keras's [..., C, m]."""
    multiplier = a.out_channels // a.in_channels
    stored = _stored(a)
    order = (*range(2, 2 + len(stored)), 0, 1)
    merged = None if len(a.kernel_size) > 1 else (*a.kernel_size, a.in_channels, multiplier)
    return Layout(split=(a.in_channels, multiplier, *stored), order=order, merged=merged)


def _is_depthwise(a: Arguments) -> bool:
    return bool(a.group == a.in_channels and a.group > 1 and len(a.kernel_size) < 3)


def _skips(a: Arguments) -> bool:
    """Whether Keras has no layer for it, so that it runs with stride 1 and elements are left out:
    stride with dilation, and unequal strides of a depthwise convolution."""
    strided = any(step > 1 for step in a.stride)
    uneven = _is_depthwise(a) and len(set(a.stride)) > 1
    return uneven or (strided and any(rate > 1 for rate in a.dilation))


def _pads_itself(a: Arguments) -> bool:
    """Whether "same" is zeros around the input, since no layer of Keras pads that way."""
    return a.pad_mode == "same" and (_skips(a) or shifts_windows(a))


def _common(b: Builder, a: Arguments) -> dict[str, object]:
    skips = _skips(a)
    return {
        "kernel_size": a.kernel_size,
        "strides": (1,) * len(a.stride) if skips else a.stride,
        "padding": "same" if a.pad_mode == "same" and not _pads_itself(a) else "valid",
        "dilation_rate": a.dilation,
        "data_format": "channels_last",
        "use_bias": a.has_bias,
        "bias_initializer": b.initial("bias") if a.has_bias else "zeros",
    }


def _full(b: Builder, a: Arguments) -> Layer:
    return b.layer(
        getattr(b.keras.layers, f"Conv{len(a.kernel_size)}D"),
        "",
        filters=a.out_channels,
        groups=a.group,
        kernel_initializer=b.initial("weight"),
        **_common(b, a),
    )


def _depthwise(b: Builder, a: Arguments) -> Layer:
    return b.layer(
        getattr(b.keras.layers, f"DepthwiseConv{len(a.kernel_size)}D"),
        "",
        depth_multiplier=a.out_channels // a.in_channels,
        depthwise_initializer=b.initial("weight"),
        **_common(b, a),
    )


def _lower(b: Builder, a: Arguments, x: Value) -> Value:
    a, tensor = thinned(b, a, padded(b, a, b.channels_last(x)))
    depthwise = _is_depthwise(a)
    if _pads_itself(a):
        sides = same_sides(x.type.shape[2:], a.kernel_size, a.stride, a.dilation)
        tensor = b.keras.ops.pad(tensor, ((0, 0), *sides, (0, 0)))
    conv = _depthwise(b, a) if depthwise else _full(b, a)
    result = conv(tensor)
    b.bind("weight", conv.kernel, _depthwise_layout(a) if depthwise else _layout(a))
    if a.has_bias:
        b.bind("bias", conv.bias)
    if _skips(a):
        result = every(b, result, a.stride)
    return b.from_channels_last(result)


def _cell(n: int, example: str) -> CellKind:
    word = f"Conv{n}d"

    def infer(a: Arguments, x: TensorType) -> TensorType:
        channels_of(word, n, a, x)
        spatial = window_shape(
            x.shape[2:], a.kernel_size, a.stride, a.pad_mode, a.padding, dilation=a.dilation
        )
        if _pads_itself(a):
            same_sides(x.shape[2:], a.kernel_size, a.stride, a.dilation)
        return x.with_shape((x.shape[0], a.out_channels, *spatial))

    def as_ops(op: CallOp, a: Arguments, owned: Mapping[str, object], x: object) -> object:
        settings = {name: a[name] for name in ("stride", "pad_mode", "padding", "dilation")}
        named = f"conv{n}d", x, owned["weight"], owned.get("bias")
        return op(*named, groups=a.group, **settings)

    kernel = {1: "1, k", 2: "h, w", 3: "d, h, w"}[n]
    return CellKind(
        name=word,
        signature=arguments(n),
        summary=f"Cross-correlation of [N, C, {AXES[n]}] with a weight [out, in/group, {kernel}].",
        example=example,
        complete=completed,
        parameters=_parameters,
        infer=infer,
        lower=_lower,
        multiply_adds=for_each_result(lambda a: prod(a.kernel_size) * (a.in_channels // a.group)),
        as_ops=as_ops if n < 3 else None,
    )


KINDS = (
    _cell(1, "Conv1d(4, 6, 5)"),
    _cell(2, 'Conv2d(1, 6, 5, pad_mode = "valid")'),
    _cell(3, "Conv3d(1, 6, [3, 5, 5])"),
)
