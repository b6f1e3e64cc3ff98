"""Pools."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from declspore.ir.shape import TensorType
from declspore.ir.term import Arguments
from declspore.registry.builder import Builder, Value
from declspore.registry.cell import CellKind
from declspore.registry.kind import Misfit
from declspore.registry.signature import Argument, signature
from declspore.registry.types import Choice, Integer, Repeated
from declspore.registry.window import window_shape

_WINDOW = signature(
    Argument("kernel_size", Repeated(Integer(1)), 1, "height and width"),
    Argument("stride", Repeated(Integer(1)), 1, "height and width"),
    Argument("pad_mode", Choice(("valid", "same")), "valid", "same: output is ceil(input/stride)"),
)


def _infer(a: Arguments, x: TensorType) -> TensorType:
    if x.rank != 4:
        raise Misfit(f"a 2d pool takes [N, C, H, W], found {x}")
    spatial = window_shape(x.shape[2:], a.kernel_size, a.stride, a.pad_mode)
    return x.with_shape((*x.shape[:2], *spatial))


def _pool(layer: str) -> Callable[[Builder, Arguments, Value], Value]:
    def lower(b: Builder, a: Arguments, x: Value) -> Value:
        pool: Any = b.layer(
            getattr(b.keras.layers, layer),
            pool_size=a.kernel_size,
            strides=a.stride,
            padding=a.pad_mode,
            data_format="channels_last",
        )
        return b.from_channels_last(pool(b.channels_last(x)))

    return lower


KINDS = (
    CellKind(
        name="MaxPool2d",
        signature=_WINDOW,
        summary="The largest value of each window.",
        example="MaxPool2d(kernel_size = 2, stride = 2)",
        infer=_infer,
        lower=_pool("MaxPooling2D"),
    ),
    CellKind(
        name="AvgPool2d",
        signature=_WINDOW,
        summary="The mean of each window; with same, padding does not count.",
        example="AvgPool2d(kernel_size = 2, stride = 2)",
        infer=_infer,
        lower=_pool("AveragePooling2D"),
    ),
)
