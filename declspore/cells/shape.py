"""Cells that move values about, and those that act only in training."""

from __future__ import annotations

from declspore.ir.shape import TensorType, product
from declspore.ir.term import Arguments
from declspore.registry.builder import Builder, Value
from declspore.registry.cell import CellKind
from declspore.registry.kind import Misfit
from declspore.registry.signature import Argument, signature
from declspore.registry.types import Number, Optional


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
)
