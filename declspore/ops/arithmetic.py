"""Arithmetic between tensors, and between tensors and numbers."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from declspore.ir.dtype import BOOL
from declspore.ir.shape import TensorType
from declspore.ir.tensors import Array
from declspore.ir.term import Arguments
from declspore.numerics.broadcast import added
from declspore.numerics.elementwise import (
    combined,
    combined_floats,
    combined_numbers,
    computed,
    of_type,
)
from declspore.registry.arrays import Arrays
from declspore.registry.builder import Builder, Value
from declspore.registry.op import OpKind
from declspore.registry.signature import Argument, signature
from declspore.registry.types import Tensor

_OPERANDS = signature(
    Argument("input", Tensor(scalars=True), help="a tensor or number"),
    Argument("other", Tensor(scalars=True), help="a tensor or number; shapes broadcast"),
)


_OF_TRUTHS = {"add": "logical_or", "multiply": "logical_and"}


def _op(
    word: str,
    sign: str,
    function: str,
    summary: str,
    infer: Callable[[Arguments], TensorType] = combined,
) -> OpKind:
    def lower(b: Builder, a: Arguments) -> Value:
        ops, made = b.keras.ops, b.output_type.dtype
        if made == BOOL:
            return b.elementwise(getattr(ops, _OF_TRUTHS[function]), a.input, a.other)
        apply = partial(added, ops) if function == "add" else getattr(ops, function)
        return computed(b, made, apply, a.input, a.other)

    def compute(n: Arrays, a: Arguments) -> Array:
        apply = getattr(n.np, _OF_TRUTHS[function] if n.type.dtype == BOOL else function)
        return apply(*of_type(n, n.type.dtype, a.input, a.other))

    return OpKind(
        name=word,
        signature=_OPERANDS,
        summary=summary,
        example=f"x {sign} y",
        infer=infer,
        lower=lower,
        operator=sign,
        compute=compute,
    )


KINDS = (
    _op("add", "+", "add", "input + other."),
    _op("sub", "-", "subtract", "input - other.", combined_numbers),
    _op("mul", "*", "multiply", "input * other."),
    _op("div", "/", "true_divide", "input / other.", combined_floats),
)
