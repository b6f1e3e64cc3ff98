"""A bilinear cell (mindspore.nn.BiDense, 2.10)."""

from __future__ import annotations

from math import sqrt

from declspore.ir.shape import Dim, TensorType, product
from declspore.ir.term import Arguments
from declspore.numerics.elementwise import floats_of
from declspore.numerics.initial import InitialValue, initializer
from declspore.numerics.read_parameter import read_parameter
from declspore.registry.builder import Builder, Value
from declspore.registry.cell import CellKind, OwnParameter
from declspore.registry.kind import Misfit
from declspore.registry.signature import Argument, signature
from declspore.registry.types import Boolean, Integer, Optional


def _parameters(a: Arguments) -> tuple[OwnParameter, ...]:
    uniform = initializer("Uniform", scale=1.0 / sqrt(a.in1_channels))
    shape = (a.out_channels, a.in1_channels, a.in2_channels)
    weight = OwnParameter("weight", shape, a.weight_init or uniform)
    if not a.has_bias:
        return (weight,)
    return (weight, OwnParameter("bias", (a.out_channels,), a.bias_init or uniform))


def _infer(a: Arguments, input1: TensorType, input2: TensorType) -> TensorType:
    for number, x, size in ((1, input1, a.in1_channels), (2, input2, a.in2_channels)):
        if floats_of(x).rank < 1 or x.shape[-1] != size:
            raise Misfit(f"in{number}_channels is {size}, input{number} is {x}")
    if input1.shape[:-1] != input2.shape[:-1]:
        raise Misfit(f"{input1} and {input2} may differ in their last axes alone")
    return input1.with_shape((*input1.shape[:-1], a.out_channels))


def _lower(b: Builder, a: Arguments, input1: Value, input2: Value) -> Value:
    ops, own = b.keras.ops, _parameters(a)
    weight = read_parameter(b, own[0], "weight")
    x, y = b.plain(input1), b.plain(input2)
    by_first = ops.tensordot(x, ops.transpose(weight, (1, 0, 2)), axes=1)
    result = ops.sum(by_first * ops.expand_dims(y, -2), axis=-1)
    if a.has_bias:
        result = result + read_parameter(b, own[1], "bias")
    return b.from_plain(result)


def _work(a: Arguments, inputs: tuple[TensorType, ...], outputs: tuple[TensorType, ...]) -> Dim:
    each: int = (a.in1_channels + 1) * a.in2_channels
    return product(outputs[0].shape) * each


KINDS = (
    CellKind(
        name="BiDense",
        signature=signature(
            Argument("in1_channels", Integer(1), help="size of the last axis of input1"),
            Argument("in2_channels", Integer(1), help="size of the last axis of input2"),
            Argument("out_channels", Integer(1), help="size of the last axis of the result"),
            Argument("weight_init", Optional(InitialValue()), None, "none: U(+-1/sqrt(in1))"),
            Argument("bias_init", Optional(InitialValue()), None, "none: U(+-1/sqrt(in1))"),
            Argument("has_bias", Boolean(), True, "whether a bias is added"),
        ),
        summary="x1^T W x2 + b over the last axes, W [out, in1, in2].",
        example="BiDense(4, 5, 6)",
        parameters=_parameters,
        infer=_infer,
        lower=_lower,
        inputs=("input1", "input2"),
        multiply_adds=_work,
    ),
)
