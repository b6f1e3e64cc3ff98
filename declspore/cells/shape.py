"""Cells that move values about, and those that act only in training."""

from __future__ import annotations

from declspore.ir.shape import TensorType, product
from declspore.ir.term import Arguments
from declspore.registry.builder import Builder, Value
from declspore.registry.cell import CellKind
from declspore.registry.kind import Misfit
from declspore.registry.signature import Argument, signature
from declspore.registry.types import Integer, Number, Optional


def _flat(a: Arguments, x: TensorType) -> TensorType:
    if x.rank < 2:
        raise Misfit(f"Flatten takes [N, ...], found {x}")
    return x.with_shape((x.shape[0], product(x.shape[1:])))


def _same(a: Arguments, x: TensorType) -> TensorType:
    return x


def _dropout(b: Builder, a: Arguments, x: Value) -> Value:
    rate = 1.0 - a.keep_prob if a.p is None else a.p
    layer = b.layer(b.keras.layers.Dropout, rate=rate)
    return b.elementwise(layer, x)


def _image(word: str, x: TensorType) -> tuple[int, ...]:
    if x.rank != 4:
        raise Misfit(f"{word} takes [N, C, H, W], found {x}")
    return x.shape  # type: ignore[return-value]


def _infer_shuffle(a: Arguments, x: TensorType) -> TensorType:
    n, channels, height, width = _image("PixelShuffle", x)
    r = a.upscale_factor
    if channels % (r * r):
        raise Misfit(f"{channels} channels are no multiple of {r} x {r}")
    return x.with_shape((n, channels // (r * r), height * r, width * r))


def _lower_shuffle(b: Builder, a: Arguments, x: Value) -> Value:
    ops, r = b.keras.ops, a.upscale_factor
    _, channels, height, width = _known("PixelShuffle", x.type)
    parts = ops.reshape(b.plain(x), (-1, channels // (r * r), r, r, height, width))
    moved = ops.transpose(parts, (0, 1, 4, 2, 5, 3))
    return b.from_plain(ops.reshape(moved, (-1, channels // (r * r), height * r, width * r)))


def _infer_unshuffle(a: Arguments, x: TensorType) -> TensorType:
    n, channels, height, width = _image("PixelUnshuffle", x)
    r = a.downscale_factor
    if height % r or width % r:
        raise Misfit(f"{x} does not divide into squares of {r}")
    return x.with_shape((n, channels * r * r, height // r, width // r))


def _lower_unshuffle(b: Builder, a: Arguments, x: Value) -> Value:
    ops, r = b.keras.ops, a.downscale_factor
    _, channels, height, width = _known("PixelUnshuffle", x.type)
    parts = ops.reshape(b.plain(x), (-1, channels, height // r, r, width // r, r))
    moved = ops.transpose(parts, (0, 1, 3, 5, 2, 4))
    return b.from_plain(ops.reshape(moved, (-1, channels * r * r, height // r, width // r)))


def _known(word: str, x: TensorType) -> tuple[int, ...]:
    if not all(isinstance(dim, int) for dim in x.shape[1:]):
        raise Misfit(f"{word} needs sizes that are known, found {x}")
    return x.shape  # type: ignore[return-value]


KINDS = (
    CellKind(
        name="Flatten",
        signature=signature(),
        summary="[N, ...] to [N, features], features in the order of the axes.",
        example="Flatten()",
        infer=_flat,
        lower=lambda b, a, x: b.flatten(x),
    ),
    CellKind(
        name="Identity",
        signature=signature(),
        summary="x.",
        example="Identity()",
        infer=_same,
        lower=lambda b, a, x: x,
    ),
    CellKind(
        name="Dropout",
        signature=signature(
            Argument("keep_prob", Number(0.0, 1.0), 0.5, "share of values kept; `p` is preferred"),
            Argument("p", Optional(Number(0.0, 1.0)), None, "share of values set to zero"),
        ),
        summary="In training: zero with probability p, else x / (1 - p). In eval: x.",
        example="Dropout(p = 0.2)",
        infer=_same,
        lower=_dropout,
    ),
    CellKind(
        name="PixelShuffle",
        signature=signature(Argument("upscale_factor", Integer(1), help="how much larger")),
        summary="[N, C r r, H, W] to [N, C, H r, W r].",
        example="PixelShuffle(2)",
        infer=lambda a, x: _infer_shuffle(a, x.with_shape(_known("PixelShuffle", x))),
        lower=_lower_shuffle,
    ),
    CellKind(
        name="PixelUnshuffle",
        signature=signature(Argument("downscale_factor", Integer(1), help="how much smaller")),
        summary="[N, C, H r, W r] to [N, C r r, H, W].",
        example="PixelUnshuffle(2)",
        infer=lambda a, x: _infer_unshuffle(a, x.with_shape(_known("PixelUnshuffle", x))),
        lower=_lower_unshuffle,
    ),
)
