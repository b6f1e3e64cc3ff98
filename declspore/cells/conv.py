"""Convolutions."""

from __future__ import annotations

from math import sqrt
from typing import Any

from declspore.ir.layout import Layout
from declspore.ir.shape import TensorType
from declspore.ir.term import Arguments
from declspore.registry.builder import Builder, Value
from declspore.registry.cell import CellKind, OwnParameter
from declspore.registry.initial import InitialValue, initializer
from declspore.registry.initializer import fans
from declspore.registry.kind import Misfit
from declspore.registry.signature import Argument, signature
from declspore.registry.types import Boolean, Choice, Either, Integer, ListOf, Optional, Repeated
from declspore.registry.window import PAD_MODES, window_shape

_OIHW_TO_HWIO = Layout(order=(2, 3, 1, 0))


def _complete(a: Arguments) -> Arguments:
    for name in ("in_channels", "out_channels"):
        if a[name] % a.group:
            raise Misfit(f"{name} {a[name]} is not a multiple of group {a.group}")
    padding = a.padding if isinstance(a.padding, tuple) else (a.padding,) * 4
    if a.pad_mode != "pad" and any(padding):
        help = 'pad_mode = "pad"'
        raise Misfit(f'padding is only for pad_mode "pad", not "{a.pad_mode}"', help)
    return Arguments(a, padding=padding)


def _parameters(a: Arguments) -> tuple[OwnParameter, ...]:
    shape = (a.out_channels, a.in_channels // a.group, *a.kernel_size)
    weight_init = a.weight_init or initializer("HeUniform", negative_slope=sqrt(5.0))
    weight = OwnParameter("weight", shape, weight_init)
    if not a.has_bias:
        return (weight,)
    bias_init = a.bias_init or initializer("Uniform", scale=1.0 / sqrt(fans(shape)[0]))
    return (weight, OwnParameter("bias", (a.out_channels,), bias_init))


def _infer(a: Arguments, x: TensorType) -> TensorType:
    if x.rank != 4:
        raise Misfit(f"Conv2d takes [N, C, H, W], found {x}")
    if x.shape[1] != a.in_channels:
        raise Misfit(
            f"in_channels is {a.in_channels}, axis 1 of {x} is {x.shape[1]}",
            f"Conv2d({x.shape[1]}, {a.out_channels}, ...)",
        )
    spatial = window_shape(
        x.shape[2:], a.kernel_size, a.stride, a.pad_mode, a.padding, dilation=a.dilation
    )
    return x.with_shape((x.shape[0], a.out_channels, *spatial))


def _lower(b: Builder, a: Arguments, x: Value) -> Value:
    tensor = b.channels_last(x)
    if a.pad_mode == "pad" and any(a.padding):
        top, bottom, left, right = a.padding
        pads = ((top, bottom), (left, right))
        pad = b.layer(b.keras.layers.ZeroPadding2D, "pad", padding=pads)
        tensor = pad(tensor)
    depthwise = a.group == a.in_channels and a.group > 1
    conv = _depthwise(b, a) if depthwise else _full(b, a)
    result = conv(tensor)
    b.bind("weight", conv.kernel, _depthwise_layout(a) if depthwise else _OIHW_TO_HWIO)
    if a.has_bias:
        b.bind("bias", conv.bias)
    return b.from_channels_last(result)


def _common(b: Builder, a: Arguments) -> dict[str, Any]:
    return {
        "kernel_size": a.kernel_size,
        "strides": a.stride,
        "padding": "same" if a.pad_mode == "same" else "valid",
        "dilation_rate": a.dilation,
        "data_format": "channels_last",
        "use_bias": a.has_bias,
        "bias_initializer": b.initial("bias") if a.has_bias else "zeros",
    }


def _full(b: Builder, a: Arguments) -> Any:
    return b.layer(
        b.keras.layers.Conv2D,
        filters=a.out_channels,
        groups=a.group,
        kernel_initializer=b.initial("weight"),
        **_common(b, a),
    )


def _depthwise(b: Builder, a: Arguments) -> Any:
    return b.layer(
        b.keras.layers.DepthwiseConv2D,
        depth_multiplier=a.out_channels // a.in_channels,
        depthwise_initializer=b.initial("weight"),
        **_common(b, a),
    )


def _depthwise_layout(a: Arguments) -> Layout:
    """[C*m, 1, h, w] to Keras's [h, w, C, m]."""
    multiplier = a.out_channels // a.in_channels
    return Layout(split=(a.in_channels, multiplier, *a.kernel_size), order=(2, 3, 0, 1))


KINDS = (
    CellKind(
        name="Conv2d",
        signature=signature(
            Argument("in_channels", Integer(1), help="channels of the input"),
            Argument("out_channels", Integer(1), help="channels of the result"),
            Argument("kernel_size", Repeated(Integer(1)), help="height and width"),
            Argument("stride", Repeated(Integer(1)), 1, "height and width"),
            Argument("pad_mode", Choice(PAD_MODES), "same", "same: output is ceil(input/stride)"),
            Argument(
                "padding",
                Either((Integer(0), ListOf(Integer(0), 4))),
                0,
                "zeros around, or [top, bottom, left, right]",
            ),
            Argument("dilation", Repeated(Integer(1)), 1, "height and width"),
            Argument("group", Integer(1), 1, "groups of channels that do not mix"),
            Argument("has_bias", Boolean(), False, "whether a bias is added"),
            Argument("weight_init", Optional(InitialValue()), None, "none: U(+-1/sqrt(fan_in))"),
            Argument("bias_init", Optional(InitialValue()), None, "none: U(+-1/sqrt(fan_in))"),
        ),
        summary="Cross-correlation of [N, C, H, W] with a weight [out, in/group, h, w].",
        example='Conv2d(1, 6, 5, pad_mode = "valid")',
        complete=_complete,
        parameters=_parameters,
        infer=_infer,
        lower=_lower,
    ),
)
