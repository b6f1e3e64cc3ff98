"""A convolution or dense cell with what usually follows it (mindspore.nn.layer.combined, 2.10)."""

from __future__ import annotations

from collections.abc import Callable

from declspore.ir.shape import Dim, TensorType
from declspore.ir.term import Arguments
from declspore.numerics.activation import ARGUMENT_NAMES, activate, leaky_relu
from declspore.numerics.compose import Parts, cell, parameters_of
from declspore.numerics.convolution import arguments
from declspore.numerics.initial import InitialValue
from declspore.registry.builder import Builder, Value
from declspore.registry.cell import CellKind
from declspore.registry.multiply_adds import Types
from declspore.registry.signature import Argument, Signature, signature
from declspore.registry.table import vocabulary
from declspore.registry.types import Boolean, Choice, Integer, Number, Optional

_CONV = (
    *("in_channels", "out_channels", "kernel_size", "stride", "pad_mode", "padding", "dilation"),
    *("group", "has_bias", "weight_init", "bias_init"),
)
_DENSE = ("in_channels", "out_channels", "weight_init", "bias_init", "has_bias")


def _kind(word: str) -> CellKind:
    return vocabulary().of(CellKind, word)


def _own(word: str, names: tuple[str, ...], a: Arguments) -> dict[str, object]:
    """Arguments of a part, each as its signature has it."""
    known = _kind(word).signature
    found = {}
    for name in names:
        argument = known.get(name)
        assert argument is not None
        found[name] = argument.type.accept(a[name])
    return found


def _with_norm(first: Parts, norm: str, a: Arguments) -> Parts:
    if not a.has_bn:
        return first
    made = cell(norm, num_features=a.out_channels, eps=a.eps, momentum=a.momentum)
    return {**first, "batchnorm": made}


def _conv(a: Arguments) -> Parts:
    return _with_norm({"conv": cell("Conv2d", **_own("Conv2d", _CONV, a))}, "BatchNorm2d", a)


def _dense(a: Arguments) -> Parts:
    return _with_norm({"dense": cell("Dense", **_own("Dense", _DENSE, a))}, "BatchNorm1d", a)


def _lower(b: Builder, a: Arguments, parts: Parts, x: Value) -> Value:
    for name, part in parts.items():
        (x,) = b.part(name, part, x)
    if a.activation is None:
        return x
    ops = b.keras.ops
    if a.activation == "leakyrelu":
        return b.elementwise(lambda tensor: leaky_relu(ops, tensor, a.alpha), x)
    if a.activation in ("softmax", "logsoftmax", "softmin"):
        return b.from_plain(activate(ops, a.activation, b.plain(x)))
    return b.elementwise(lambda tensor: activate(ops, a.activation, tensor), x)


def _made(
    word: str,
    takes: Signature,
    parts: Callable[[Arguments], Parts],
    summary: str,
    example: str,
) -> CellKind:
    def infer(a: Arguments, x: TensorType) -> TensorType:
        for part in parts(a).values():
            found = _kind(part.word).infer(part.arguments, x)
            assert isinstance(found, TensorType), part.word
            x = found
        return x

    def complete(a: Arguments) -> Arguments:
        parts(a)  # raises Misfit
        return a

    def work(a: Arguments, inputs: Types, outputs: Types) -> Dim:
        first = next(iter(parts(a).values()))
        counts = _kind(first.word).multiply_adds
        assert counts is not None
        return counts(first.arguments, inputs, outputs)

    return CellKind(
        name=word,
        signature=takes,
        summary=summary,
        example=example,
        complete=complete,
        parameters=lambda a: parameters_of(parts(a)),
        infer=infer,
        lower=lambda b, a, x: _lower(b, a, parts(a), x),
        multiply_adds=work,
        parts=parts,
    )


def _tail(momentum: float) -> tuple[Argument, ...]:
    return (
        Argument("has_bn", Boolean(), False, "whether a batch normalisation follows"),
        Argument("momentum", Number(0.0, 1.0), momentum, "of the moving statistics"),
        Argument("eps", Number(above=0.0), 1e-5, "added to the variance"),
        Argument("activation", Optional(Choice(ARGUMENT_NAMES)), None, "applied last"),
        Argument("alpha", Number(), 0.2, "the slope of leakyrelu"),
        Argument("after_fake", Boolean(), True, "for quantisation in MindSpore; no other result"),
    )


def _of_conv() -> tuple[Argument, ...]:
    """The arguments of Conv2d, with other first values."""
    known = arguments(2)
    return tuple(_renewed(known, name) for name in _CONV)


def _renewed(known: Signature, name: str) -> Argument:
    argument = known.get(name)
    assert argument is not None
    first = {"weight_init": "normal", "bias_init": "zeros"}.get(name)
    if first is None:
        return argument
    return Argument(name, InitialValue(), first, f"first values of the {name.partition('_')[0]}")


KINDS = (
    _made(
        "Conv2dBnAct",
        signature(*_of_conv(), *_tail(0.997)),
        _conv,
        "Conv2d as `conv`, then BatchNorm2d as `batchnorm`, then an activation.",
        'Conv2dBnAct(4, 6, 3, has_bn = true, activation = "relu")',
    ),
    _made(
        "DenseBnAct",
        signature(
            Argument("in_channels", Integer(1), help="size of the last axis of the input"),
            Argument("out_channels", Integer(1), help="size of the last axis of the result"),
            Argument("weight_init", InitialValue(), "normal", "first values of the weight"),
            Argument("bias_init", InitialValue(), "zeros", "first values of the bias"),
            Argument("has_bias", Boolean(), True, "whether a bias is added"),
            *_tail(0.9),
        ),
        _dense,
        "Dense as `dense`, then BatchNorm1d as `batchnorm`, then an activation.",
        'DenseBnAct(4, 6, has_bn = true, activation = "relu")',
    ),
)
