"""Arithmetic between tensors, and between tensors and numbers."""

from __future__ import annotations

from functools import partial
from typing import Any

from declspore.ir.shape import TensorType
from declspore.ir.term import Arguments
from declspore.registry.broadcast import elementwise_type
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


def _add(ops: Any, x: Any, y: Any) -> Any:
    """Keras takes what it adds for a bias where its sizes allow that, and then adds it along the
    wrong axis ([4, 4] + [4, 1]): what could be mistaken so is the first operand, or subtracted."""
    if not _like_a_bias(x, y):
        return ops.add(x, y)
    if not _like_a_bias(y, x):
        return ops.add(y, x)
    return ops.subtract(x, ops.negative(y))


def _like_a_bias(x: Any, y: Any) -> bool:
    """Whether y, added to x, could be a vector that does not lie along the last axis of x."""
    to: tuple[int | None, ...] = getattr(x, "shape", ())
    of: tuple[int | None, ...] = getattr(y, "shape", ())
    long = [size for size in of if size is None or size > 1]
    if len(to) < 2 or not long or to == of or sum(size is not None for size in long) > 1:
        return False
    lies_last = all(size == 1 for size in of[:-1]) and len(of) <= len(to) and of[-1] == to[-1]
    return not lies_last


def _op(word: str, sign: str, function: str, summary: str) -> OpKind:
    def lower(b: Builder, a: Arguments) -> Value:
        ops = b.keras.ops
        apply = partial(_add, ops) if function == "add" else getattr(ops, function)
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
