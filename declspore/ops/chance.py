"""Ops that draw random numbers."""

from __future__ import annotations

from declspore.ir.shape import TensorType
from declspore.ir.term import Arguments
from declspore.numerics.axes import type_of
from declspore.registry.builder import Builder, Value
from declspore.registry.kind import Misfit
from declspore.registry.op import OpKind
from declspore.registry.signature import Argument, signature
from declspore.registry.types import Boolean, Number, Tensor

_X = Argument("input", Tensor(), help="a tensor")


def _floats(a: Arguments) -> TensorType:
    if not type_of(a.input).dtype.is_float:
        raise Misfit(f"floats are drawn, found {type_of(a.input)}", "cast(..., f32)")
    return type_of(a.input)


def _like(word: str, distribution: str, summary: str) -> OpKind:
    def lower(b: Builder, a: Arguments) -> Value:
        return b.elementwise(b.own.RandomLike(distribution), a.input)

    return OpKind(
        name=word,
        signature=signature(_X),
        summary=summary,
        example=f"x + {word}(x)",
        infer=_floats,
        lower=lower,
        draws=True,
    )


def _lower_dropout(b: Builder, a: Arguments) -> Value:
    return b.elementwise(b.keras.layers.Dropout(a.p), a.input) if a.training else a.input


KINDS = (
    _like("randn_like", "normal", "Standard normal numbers in the shape of x at each call."),
    _like("rand_like", "uniform", "Uniform numbers from 0 to 1 in the shape of x at each call."),
    OpKind(
        name="dropout",
        signature=signature(
            _X,
            Argument("p", Number(0.0, 1.0), 0.5, "share of values set to zero"),
            Argument("training", Boolean(), True, "false: x, in training too"),
        ),
        summary="In training: zero with probability p, else x / (1 - p). In eval: x.",
        example="x |> dropout(0.2)",
        infer=_floats,
        lower=_lower_dropout,
    ),
)
