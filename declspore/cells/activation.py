"""Activations as cells."""

from __future__ import annotations

from collections.abc import Callable

from declspore.ir.shape import TensorType
from declspore.ir.tensors import Ops, Tensor
from declspore.ir.term import Arguments
from declspore.numerics.activation import (
    activate,
    activated_type,
    celu,
    hard_tanh,
    leaky_relu,
    soft_shrink,
    whole_hard_tanh,
    whole_leaky_relu,
    whole_threshold,
)
from declspore.numerics.axes import axis_of
from declspore.numerics.elementwise import as_floats, computed, floats_of, in_type, plain_in_type
from declspore.numerics.initial import InitialValue
from declspore.registry.builder import Builder, Value
from declspore.registry.cell import CellKind, OwnParameter
from declspore.registry.kind import Misfit
from declspore.registry.signature import Argument, Signature, signature
from declspore.registry.types import Boolean, Integer, Number


def _floats(a: Arguments, x: TensorType) -> TensorType:
    return as_floats(x)


def _same(a: Arguments, x: TensorType) -> TensorType:
    return x


def _cell(word: str, name: str, summary: str) -> CellKind:
    return _formula(
        word,
        signature(),
        summary,
        lambda ops, x, a: activate(ops, name, x),
        lambda a, x: activated_type(name, x),
    )


def _formula(
    word: str,
    arguments: Signature,
    summary: str,
    formula: Callable[[Ops, Tensor, Arguments], Tensor],
    infer: Callable[[Arguments, TensorType], TensorType] = _floats,
    whole: Callable[[Ops, Tensor, Arguments], Tensor] | None = None,
    example: str = "",
) -> CellKind:
    """``formula(ops, x, arguments)`` for each element; where there is ``whole``, integers and
    truth values keep their type and it is for them."""

    def lower(b: Builder, a: Arguments, x: Value) -> Value:
        ops, dtype = b.keras.ops, b.output_type.dtype
        chosen = formula if whole is None or dtype.is_float else whole
        return computed(b, dtype, lambda tensor: chosen(ops, tensor, a), x)

    return CellKind(
        name=word,
        signature=arguments,
        summary=summary,
        example=example or f"{word}()",
        infer=infer if whole is None else _same,
        lower=lower,
    )


def _infer_axis(a: Arguments, x: TensorType) -> TensorType:
    axis_of(x, a.axis)
    return as_floats(x)


def _along(word: str, summary: str, formula: Callable[[Ops, Tensor, int], Tensor]) -> CellKind:
    def lower(b: Builder, a: Arguments, x: Value) -> Value:
        tensor, (axis,) = b.axes(x, (a.axis,))
        tensor = in_type(b, tensor, x.type.dtype)
        return b.elementwise(lambda _: formula(b.keras.ops, tensor, axis), x)

    return CellKind(
        name=word,
        signature=signature(Argument("axis", Integer(), -1, "the axis that sums to 1")),
        summary=summary,
        example=f"{word}()",
        infer=_infer_axis,
        lower=lower,
    )


def _infer_softmax2d(a: Arguments, x: TensorType) -> TensorType:
    if floats_of(x).rank not in (3, 4):
        raise Misfit(f"Softmax2d takes [N, C, H, W] or [C, H, W], found {x}")
    return x


def _lower_softmax2d(b: Builder, a: Arguments, x: Value) -> Value:
    tensor, (axis,) = b.axes(x, (-3,))
    return b.elementwise(lambda _: b.keras.ops.softmax(tensor, axis=axis), x)


def _infer_glu(a: Arguments, x: TensorType) -> TensorType:
    axis = axis_of(x, a.axis)
    size = x.shape[axis]
    if isinstance(size, int) and size % 2:
        raise Misfit(f"axis {axis} of {x} is odd: it cannot be halved")
    return as_floats(x).with_shape((*x.shape[:axis], size // 2, *x.shape[axis + 1 :]))


def _lower_glu(b: Builder, a: Arguments, x: Value) -> Value:
    first, gate = b.keras.ops.split(plain_in_type(b, x), 2, axis=axis_of(x.type, a.axis))
    return b.from_plain(first * b.keras.ops.sigmoid(gate))


def _prelu_parameters(a: Arguments) -> tuple[OwnParameter, ...]:
    return (OwnParameter("w", (a.channel,), a.w),)


def _infer_prelu(a: Arguments, x: TensorType) -> TensorType:
    floats_of(x)
    if a.channel != 1 and (x.rank < 2 or x.shape[1] != a.channel):
        raise Misfit(f"channel is {a.channel}, axis 1 of {x} is not")
    return x


def _lower_prelu(b: Builder, a: Arguments, x: Value) -> Value:
    layer = b.layer(b.own.ChannelSlope, channels=a.channel, initializer=b.initial("w"))
    b.bind("w", layer.slope)
    if x.type.rank < 2:  # without an axis of channels
        return b.from_plain(layer(b.plain(x)))
    return b.from_channels_last(layer(b.channels_last(x)))


def _alpha(default: float, help: str) -> Signature:
    return signature(Argument("alpha", Number(), default, help))


KINDS = (
    _cell("ReLU", "relu", "max(x, 0)."),
    _cell("ReLU6", "relu6", "min(max(x, 0), 6)."),
    _cell("Sigmoid", "sigmoid", "1 / (1 + exp(-x))."),
    _cell("Tanh", "tanh", "The hyperbolic tangent."),
    _cell("SiLU", "silu", "x sigmoid(x)."),
    _cell("Mish", "mish", "x tanh(softplus(x))."),
    _cell("SeLU", "selu", "1.0507 (x where x > 0, else 1.6733 (exp(x) - 1))."),
    _cell("HSwish", "hswish", "x relu6(x + 3) / 6."),
    _cell("HSigmoid", "hsigmoid", "relu6(x + 3) / 6."),
    _cell("Softsign", "softsign", "x / (1 + |x|)."),
    _cell("LogSigmoid", "logsigmoid", "log(sigmoid(x))."),
    _formula(
        "GELU",
        signature(Argument("approximate", Boolean(), True, "whether by tanh")),
        "x P(X <= x) of a standard normal X, by tanh where approximate.",
        lambda ops, x, a: ops.gelu(x, approximate=a.approximate),
    ),
    _cell(
        "FastGelu",
        "fast_gelu",
        "x / (1 + exp(-1.702 |x|)) exp(0.851 (x - |x|)), close to gelu.",
    ),
    _formula(
        "LeakyReLU",
        _alpha(0.2, "the slope below 0"),
        "x where x > 0, else alpha x; of integers alpha's whole part counts.",
        lambda ops, x, a: leaky_relu(ops, x, a.alpha),
        whole=lambda ops, x, a: whole_leaky_relu(ops, x, a.alpha),
    ),
    _formula(
        "ELU",
        _alpha(1.0, "what it falls to below 0"),
        "x where x > 0, else alpha (exp(x) - 1).",
        lambda ops, x, a: ops.elu(x, alpha=a.alpha),
    ),
    _formula(
        "CELU",
        _alpha(1.0, "what it falls to below 0"),
        "max(0, x) + min(0, alpha (exp(x / alpha) - 1)).",
        lambda ops, x, a: celu(ops, x, a.alpha),
    ),
    _formula(
        "Hardtanh",
        signature(
            Argument("min_val", Number(infinite=True), -1.0, "the least value"),
            Argument("max_val", Number(infinite=True), 1.0, "the largest value"),
        ),
        "min(max(x, min_val), max_val).",
        lambda ops, x, a: hard_tanh(ops, x, a.min_val, a.max_val),
        whole=lambda ops, x, a: whole_hard_tanh(ops, x, a.min_val, a.max_val),
    ),
    _formula(
        "HShrink",
        signature(Argument("lambd", Number(0.0), 0.5, "what is taken for 0")),
        "x where |x| > lambd, else 0.",
        lambda ops, x, a: ops.where(ops.absolute(x) <= a.lambd, ops.zeros_like(x), x),
    ),
    _formula(
        "SoftShrink",
        signature(Argument("lambd", Number(0.0), 0.5, "what is taken for 0")),
        "x brought lambd nearer to 0, and 0 where |x| <= lambd.",
        lambda ops, x, a: soft_shrink(ops, x, a.lambd),
    ),
    _cell("Tanhshrink", "tanhshrink", "x - tanh(x)."),
    _formula(
        "Threshold",
        signature(
            Argument("threshold", Number(infinite=True), help="above it x stays"),
            Argument("value", Number(infinite=True), help="the value elsewhere"),
        ),
        "x where x > threshold, else value.",
        lambda ops, x, a: ops.where(x > a.threshold, x, ops.full_like(x, a.value)),
        whole=lambda ops, x, a: whole_threshold(ops, x, a.threshold, a.value),
        example="Threshold(0.1, 0.0)",
    ),
    _along("Softmax", "exp(x) / sum(exp(x)) along an axis.", lambda o, x, n: o.softmax(x, axis=n)),
    _along(
        "LogSoftmax", "log(softmax(x)) along an axis.", lambda o, x, n: o.log_softmax(x, axis=n)
    ),
    _along("Softmin", "softmax(-x) along an axis.", lambda o, x, n: o.softmax(-x, axis=n)),
    CellKind(
        name="Softmax2d",
        signature=signature(),
        summary="softmax over the channels of [N, C, H, W].",
        example="Softmax2d()",
        infer=_infer_softmax2d,
        lower=_lower_softmax2d,
    ),
    CellKind(
        name="GLU",
        signature=signature(Argument("axis", Integer(), -1, "the axis that is halved")),
        summary="The first half of an axis times the sigmoid of the second.",
        example="GLU()",
        infer=_infer_glu,
        lower=_lower_glu,
    ),
    CellKind(
        name="PReLU",
        signature=signature(
            Argument("channel", Integer(1), 1, "how many slopes: one, or one a channel"),
            Argument("w", InitialValue(), 0.25, "their first value"),
        ),
        summary="x where x > 0, else w x, with w trained.",
        example="PReLU()",
        parameters=_prelu_parameters,
        infer=_infer_prelu,
        lower=_lower_prelu,
        as_ops=lambda op, a, owned, x: op("prelu", x, owned["w"]),
    ),
)
