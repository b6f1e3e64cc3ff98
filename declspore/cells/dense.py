"""Fully connected cells."""

from __future__ import annotations

from collections.abc import Mapping
from math import sqrt

from declspore.ir.layout import TRANSPOSED, Layout
from declspore.ir.shape import TensorType
from declspore.ir.term import Arguments
from declspore.numerics.activation import ARGUMENT_NAMES, activate
from declspore.numerics.costs import for_each_result
from declspore.numerics.elementwise import floats_of
from declspore.numerics.initial import InitialValue, initializer
from declspore.registry.builder import Builder, Value
from declspore.registry.cell import CallOp, CellKind, OwnParameter
from declspore.registry.kind import Misfit
from declspore.registry.signature import Argument, signature
from declspore.registry.types import Boolean, Choice, Integer, Optional


def _parameters(a: Arguments) -> tuple[OwnParameter, ...]:
    weight_init = a.weight_init or initializer("HeUniform", negative_slope=sqrt(5.0))
    weight = OwnParameter("weight", (a.out_channels, a.in_channels), weight_init)
    if not a.has_bias:
        return (weight,)
    bias_init = a.bias_init or initializer("Uniform", scale=1.0 / sqrt(a.in_channels))
    return (weight, OwnParameter("bias", (a.out_channels,), bias_init))


def _infer(a: Arguments, x: TensorType) -> TensorType:
    if floats_of(x).rank < 2:
        raise Misfit(f"Dense takes [N, ..., in_channels], found {x}")
    if x.shape[-1] != a.in_channels:
        help = "`flatten` the input first" if x.rank > 2 else None
        reason = f"in_channels is {a.in_channels}, the last axis of {x} is {x.shape[-1]}"
        raise Misfit(reason, help, {"in_channels": x.shape[-1]})
    return x.with_shape((*x.shape[:-1], a.out_channels))


def _lower(b: Builder, a: Arguments, x: Value) -> Value:
    tensor, flattened_from = b.features(x)
    dense = b.layer(
        b.keras.layers.Dense,
        units=a.out_channels,
        use_bias=a.has_bias,
        kernel_initializer=b.initial("weight"),
        bias_initializer=b.initial("bias") if a.has_bias else "zeros",
    )
    result = dense(tensor)
    b.bind("weight", dense.kernel, _weight_layout(a, flattened_from))
    if a.has_bias:
        b.bind("bias", dense.bias)
    if a.activation:
        result = activate(b.keras.ops, a.activation, result)
    return b.from_plain(result)


def _weight_layout(a: Arguments, flattened_from: tuple[int, ...] | None) -> Layout:
    """[out, in] to [in, out]; where ``in`` was flattened channels-last, its rows move along."""
    if flattened_from is None:
        return TRANSPOSED
    axes = len(flattened_from)
    return Layout(
        split=(a.out_channels, *flattened_from),
        order=(*range(2, axes + 1), 1, 0),
        merged=(a.in_channels, a.out_channels),
    )


def _as_ops(op: CallOp, a: Arguments, owned: Mapping[str, object], x: object) -> object:
    found = op("dense", x, owned["weight"], owned.get("bias"))
    return found if a.activation is None else op(a.activation, found)


KINDS = (
    CellKind(
        name="Dense",
        signature=signature(
            Argument("in_channels", Integer(1), help="size of the last axis of the input"),
            Argument("out_channels", Integer(1), help="size of the last axis of the result"),
            Argument("weight_init", Optional(InitialValue()), None, "none: U(+-1/sqrt(in))"),
            Argument("bias_init", Optional(InitialValue()), None, "none: U(+-1/sqrt(in))"),
            Argument("has_bias", Boolean(), True, "whether a bias is added"),
            Argument("activation", Optional(Choice(ARGUMENT_NAMES)), None, "applied last"),
        ),
        summary="x W^T + b over the last axis.",
        example="Dense(400, 120)",
        parameters=_parameters,
        infer=_infer,
        lower=_lower,
        multiply_adds=for_each_result(lambda a: int(a.in_channels)),
        as_ops=_as_ops,
    ),
)
