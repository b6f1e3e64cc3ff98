"""Ops that compute each element by itself: of one tensor, or of two that are broadcast."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal

from declspore.ir.dtype import FLOAT32
from declspore.ir.shape import TensorType
from declspore.ir.term import Arguments
from declspore.registry.axes import type_of
from declspore.registry.broadcast import elementwise_type
from declspore.registry.builder import Builder, Value
from declspore.registry.op import OpKind
from declspore.registry.signature import Argument, signature
from declspore.registry.types import Tensor

ONE = Argument("input", Tensor(), help="a tensor")
LEFT = Argument("input", Tensor(scalars=True), help="a tensor or number")
RIGHT = Argument("other", Tensor(scalars=True), help="a tensor or number; shapes broadcast")


def same(a: Arguments) -> TensorType:
    return type_of(a.input)


def floating(a: Arguments) -> TensorType:
    """Integers become float32, as in MindSpore."""
    x = type_of(a.input)
    return x if x.dtype.is_float else TensorType(FLOAT32, x.shape)


def unary(
    word: str,
    summary: str,
    formula: Callable[..., Any],
    *more: Argument,
    infer: Callable[[Arguments], TensorType] = floating,
    in_edits: Literal["computes"] | None = None,
) -> OpKind:
    """``formula(ops, x, *values)`` for each element; ``more`` are the arguments whose values it
    takes."""

    def lower(b: Builder, a: Arguments) -> Value:
        values = [a[argument.name] for argument in more]
        return b.elementwise(lambda x: formula(b.keras.ops, x, *values), a.input)

    return OpKind(
        name=word,
        in_edits=in_edits,
        signature=signature(ONE, *more),
        summary=summary,
        example=f"x |> {word}",
        infer=infer,
        lower=lower,
    )


def binary(
    word: str,
    summary: str,
    formula: Callable[[Any, Any, Any], Any],
    *,
    sign: str | None = None,
    in_edits: Literal["computes"] | None = None,
) -> OpKind:
    """``formula(ops, x, y)`` for each pair of elements; ``sign`` stands for it, if any does."""

    def lower(b: Builder, a: Arguments) -> Value:
        return b.elementwise(lambda x, y: formula(b.keras.ops, x, y), a.input, a.other)

    return OpKind(
        name=word,
        in_edits=in_edits,
        signature=signature(LEFT, RIGHT),
        summary=summary,
        example=f"x {sign} y" if sign else f"{word}(x, y)",
        infer=lambda a: elementwise_type(a.input, a.other),
        lower=lower,
        operator=sign,
    )
