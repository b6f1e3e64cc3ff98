"""Cells that draw random numbers."""

from __future__ import annotations

from declspore.ir.shape import TensorType
from declspore.ir.term import Arguments
from declspore.numerics.elementwise import floats_of
from declspore.registry.builder import Builder, Value
from declspore.registry.cell import CellKind
from declspore.registry.kind import Misfit
from declspore.registry.signature import Argument, signature
from declspore.registry.types import Number, Optional

_AXES = {1: "L", 2: "H, W", 3: "D, H, W"}


def _same(a: Arguments, x: TensorType) -> TensorType:
    return x


def _dropout(b: Builder, a: Arguments, x: Value) -> Value:
    rate = 1.0 - a.keep_prob if a.p is None else a.p
    layer = b.layer(b.keras.layers.Dropout, rate=rate)
    return b.elementwise(layer, x)


def _channels(n: int) -> CellKind:
    word = f"Dropout{n}d"

    def infer(a: Arguments, x: TensorType) -> TensorType:
        if x.rank != n + 2:
            raise Misfit(f"{word} takes [N, C, {_AXES[n]}], found {x}")
        return x

    def lower(b: Builder, a: Arguments, x: Value) -> Value:
        layer = getattr(b.keras.layers, f"SpatialDropout{n}D")
        options = {"data_format": "channels_last"} if n > 1 else {}
        found = b.layer(layer, rate=a.p, **options)(b.channels_last(x))
        return b.from_channels_last(found)

    return CellKind(
        name=word,
        signature=signature(Argument("p", Number(0.0, 1.0), 0.5, "share of channels set to zero")),
        summary="In training: whole channels zero with probability p, else x / (1 - p).",
        example=f"{word}(p = 0.2)",
        infer=infer,
        lower=lower,
    )


def _complete_slope(a: Arguments) -> Arguments:
    if a.lower > a.upper:
        raise Misfit(f"lower {a.lower} is above upper {a.upper}")
    return a


def _random_slope(b: Builder, a: Arguments, x: Value) -> Value:
    return b.elementwise(b.layer(b.own.RandomSlope, lower=a.lower, upper=a.upper), x)


KINDS = (
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
    *(_channels(n) for n in (1, 2, 3)),
    CellKind(
        name="RReLU",
        signature=signature(
            Argument("lower", Number(), 0.125, "the least slope below 0"),
            Argument("upper", Number(), 1 / 3, "the largest slope below 0"),
        ),
        summary=(
            "x where x > 0, else a x, with a drawn uniformly for each element from lower to "
            "upper, in training and, as in MindSpore, in eval."
        ),
        example="RReLU()",
        complete=_complete_slope,
        infer=lambda a, x: floats_of(x),
        lower=_random_slope,
        draws=True,
    ),
)
