"""Activations as ops."""

from __future__ import annotations

import math

from declspore.ir.shape import TensorType
from declspore.ir.tensors import Ops, Tensor
from declspore.ir.term import Arguments
from declspore.numerics.activation import activate, activated_type, leaky_relu, whole_leaky_relu
from declspore.numerics.axes import axis_of, type_of
from declspore.numerics.by_numpy import by_numpy
from declspore.numerics.elementwise import ONE, as_floats, in_type, same, unary
from declspore.registry.builder import Builder, Value
from declspore.registry.op import OpKind
from declspore.registry.plain import OfNumbers
from declspore.registry.signature import Argument, signature
from declspore.registry.types import Choice, Integer, Number


def _op(word: str, name: str, summary: str, of_numbers: OfNumbers | None = None) -> OpKind:
    def infer(a: Arguments) -> TensorType:
        return activated_type(name, type_of(a.input))

    def formula(ops: Ops, x: Tensor) -> Tensor:
        return activate(ops, name, x)

    return unary(word, summary, formula, infer=infer, of_numbers=of_numbers)


def _infer_axis(a: Arguments) -> TensorType:
    axis_of(a.input, a.axis)
    return as_floats(type_of(a.input))


def _along(word: str, summary: str) -> OpKind:
    def lower(b: Builder, a: Arguments) -> Value:
        tensor, (axis,) = b.axes(a.input, (a.axis,))
        tensor, apply = in_type(b, tensor, a.input.type.dtype), getattr(b.keras.ops, word)
        return b.elementwise(lambda _: apply(tensor, axis=axis), a.input)

    return OpKind(
        name=word,
        signature=signature(ONE, Argument("axis", Integer(), -1, "the axis that sums to 1")),
        summary=summary,
        example=f"x |> {word}(axis = 1)",
        infer=_infer_axis,
        lower=lower,
        **by_numpy(lower),
    )


def _softplus(ops: Ops, x: Tensor, beta: float, threshold: float) -> Tensor:
    if beta == 1.0 and threshold >= 20.0:
        return ops.softplus(x)  # beyond, float32 shows no difference
    return ops.where(x * beta > threshold, x, ops.softplus(x * beta) / beta)


KINDS = (
    _op("relu", "relu", "max(x, 0)."),
    _op("relu6", "relu6", "min(max(x, 0), 6)."),
    _op("sigmoid", "sigmoid", "1 / (1 + exp(-x))."),
    _op("tanh", "tanh", "The hyperbolic tangent.", math.tanh),
    _op("silu", "silu", "x sigmoid(x)."),
    _op("mish", "mish", "x tanh(softplus(x))."),
    _op("selu", "selu", "1.0507 (x where x > 0, else 1.6733 (exp(x) - 1))."),
    unary(
        "softplus",
        "log(1 + exp(beta x)) / beta.",
        _softplus,
        Argument("beta", Number(above=0.0), 1.0, "how sharp it bends"),
        Argument("threshold", Number(), 20.0, "where beta x is above it, x is the result"),
    ),
    _op("softsign", "softsign", "x / (1 + |x|)."),
    _op("logsigmoid", "logsigmoid", "log(sigmoid(x))."),
    _op("hardswish", "hswish", "x relu6(x + 3) / 6."),
    _op("hardsigmoid", "hsigmoid", "relu6(x + 3) / 6."),
    unary(
        "leaky_relu",
        "x where x > 0, else alpha x; of integers alpha's whole part counts.",
        leaky_relu,
        Argument("alpha", Number(), 0.2, "the slope below 0"),
        whole=whole_leaky_relu,
        infer=same,
    ),
    unary(
        "elu",
        "x where x > 0, else alpha (exp(x) - 1).",
        lambda ops, x, alpha: ops.elu(x, alpha=alpha),
        Argument("alpha", Number(), 1.0, "the slope below 0"),
    ),
    unary(
        "gelu",
        "x P(X <= x) of a standard normal X.",
        lambda ops, x, approximate: ops.gelu(x, approximate=approximate == "tanh"),
        Argument("approximate", Choice(("none", "tanh")), "none", "tanh: a close formula"),
    ),
    _along("softmax", "exp(x) / sum(exp(x)) along an axis."),
    _along("log_softmax", "log(softmax(x)) along an axis."),
)
