"""Activations as ops."""

from __future__ import annotations

from declspore.ir.shape import TensorType
from declspore.ir.term import Arguments
from declspore.registry.activation import activate
from declspore.registry.builder import Builder, Value
from declspore.registry.kind import Misfit
from declspore.registry.op import OpKind
from declspore.registry.signature import Argument, signature
from declspore.registry.types import Integer, Tensor

_X = Argument("input", Tensor(), help="a tensor")


def _same(a: Arguments) -> TensorType:
    x: TensorType = a.input
    return x


def _op(word: str, summary: str) -> OpKind:
    def lower(b: Builder, a: Arguments) -> Value:
        return b.elementwise(lambda tensor: activate(b.keras.ops, word, tensor), a.input)

    return OpKind(
        name=word,
        signature=signature(_X),
        summary=summary,
        example=f"x |> {word}",
        infer=_same,
        lower=lower,
    )


def _check_axis(a: Arguments) -> TensorType:
    if not -a.input.rank <= a.axis < a.input.rank:
        raise Misfit(f"{a.input} has no axis {a.axis}")
    return _same(a)


def _softmax(b: Builder, a: Arguments) -> Value:
    tensor, (axis,) = b.axes(a.input, (a.axis,))
    return b.elementwise(lambda _: b.keras.ops.softmax(tensor, axis=axis), a.input)


KINDS = (
    _op("relu", "max(x, 0)."),
    _op("relu6", "min(max(x, 0), 6)."),
    _op("sigmoid", "1 / (1 + exp(-x))."),
    _op("tanh", "The hyperbolic tangent."),
    OpKind(
        name="softmax",
        signature=signature(_X, Argument("axis", Integer(), -1, "the axis that sums to 1")),
        summary="exp(x) / sum(exp(x)) along an axis.",
        example="x |> softmax(axis = -1)",
        infer=_check_axis,
        lower=_softmax,
    ),
)
