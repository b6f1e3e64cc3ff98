"""Arithmetic between tensors, and between tensors and numbers."""

from __future__ import annotations

from functools import partial

from declspore.ir.shape import TensorType
from declspore.ir.term import Arguments
from declspore.registry.broadcast import added, elementwise_type
from declspore.registry.builder import Builder, Value
from declspore.registry.op import OpKind
from declspore.registry.signature import Argument, signature
from declspore.registry.types import Tensor

_OPERANDS = signature(
    Argument("input", Tensor(scalars=True), help="a tensor or number"),
    Argument("other", Tensor(scalars=True), help="a tensor or number; shapes broadcast"),
)


def _infer(a: Arguments) -> TensorType:
    return elementwise_type(a.input, a.other)


def _op(word: str, sign: str, function: str, summary: str) -> OpKind:
    def lower(b: Builder, a: Arguments) -> Value:
        ops = b.keras.ops
        apply = partial(added, ops) if function == "add" else getattr(ops, function)
        return b.elementwise(apply, a.input, a.other)

    return OpKind(
        name=word,
        in_edits="computes",
        signature=_OPERANDS,
        summary=summary,
        example=f"x {sign} y",
        infer=_infer,
        lower=lower,
        operator=sign,
    )


KINDS = (
    _op("add", "+", "add", "input + other."),
    _op("sub", "-", "subtract", "input - other."),
    _op("mul", "*", "multiply", "input * other."),
    _op("div", "/", "true_divide", "input / other."),
)
