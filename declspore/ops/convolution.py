"""Convolutions and dense products with weights that flow in as tensors."""

from __future__ import annotations

from declspore.ir.shape import TensorType
from declspore.ir.term import Arguments
from declspore.numerics.axes import type_of
from declspore.numerics.convolution import AXES, shifts_windows, thinned
from declspore.numerics.elementwise import floats_of, numbers_of, of_one_type, whole_of
from declspore.numerics.window import PAD_MODES, same_sides, window_shape
from declspore.registry.builder import Builder, Value
from declspore.registry.kind import Misfit
from declspore.registry.op import OpKind
from declspore.registry.signature import Argument, signature
from declspore.registry.types import Choice, Integer, Optional, Repeated, Tensor

_BIAS = Argument("bias", Optional(Tensor()), None, "added to every channel of the result")


def _sides(a: Arguments) -> tuple[int, ...]:
    return tuple(side for side in a.padding for _ in (0, 1))


def _alike(a: Arguments, x: TensorType) -> None:
    """Raises Misfit where weight or bias are not of the input's element type, or do not fit."""
    weight = type_of(a.weight)
    of_one_type(x, weight)
    bias = weight.with_shape(weight.shape[:1])
    if a.bias is not None and type_of(a.bias) != bias:
        raise Misfit(f"a bias for {weight} is {bias}, found {type_of(a.bias)}")


def _infer(word: str, n: int, a: Arguments) -> TensorType:
    x, weight = type_of(a.input), type_of(a.weight)
    if x.rank != n + 2 or weight.rank != n + 2:
        raise Misfit(f"{word} takes [N, C, {AXES[n]}] and a weight alike, found {x} and {weight}")
    kernel = weight.shape[2:]
    if not all(isinstance(size, int) for size in weight.shape):
        raise Misfit(f"the sizes of a weight must be known, found {weight}")
    if x.shape[1] != weight.shape[1] * a.groups:
        raise Misfit(f"{x} has not the channels of {weight} in {a.groups} groups")
    _alike(a, floats_of(x))
    if a.pad_mode != "pad" and any(a.padding):
        raise Misfit('padding is only for pad_mode "pad"', 'pad_mode = "pad"')
    if any(step > 1 for step in a.stride) and any(rate > 1 for rate in a.dilation):
        raise Misfit("stride with dilation is for the cell only", f"Conv{n}d")
    sides = _sides(a) if a.pad_mode == "pad" else ()
    if shifts_windows(_with_extents(a)):
        same_sides(x.shape[2:], kernel, a.stride, a.dilation)  # type: ignore[arg-type]
    spatial = window_shape(x.shape[2:], kernel, a.stride, a.pad_mode, sides, a.dilation)  # type: ignore[arg-type]
    return x.with_shape((x.shape[0], weight.shape[0], *spatial))


def _with_extents(a: Arguments) -> Arguments:
    """The arguments with the kernel's extents, which its type has."""
    return Arguments(a, kernel_size=type_of(a.weight).shape[2:])


def _lower(n: int, b: Builder, a: Arguments) -> Value:
    ops, x = b.keras.ops, b.channels_last(a.input)
    kernel = ops.transpose(b.plain(a.weight), (*range(2, n + 2), 1, 0))
    a, shape = _with_extents(a), type_of(a.input).shape
    itself = shifts_windows(a)
    if a.pad_mode == "pad" and any(a.padding):
        x = ops.pad(x, ((0, 0), *((side, side) for side in a.padding), (0, 0)))
    if itself:
        sides = same_sides(shape[2:], a.kernel_size, a.stride, a.dilation)
        x = ops.pad(x, ((0, 0), *sides, (0, 0)))
    a, x = thinned(b, a, x)
    pairs = zip(ops.split(x, a.groups, axis=-1), ops.split(kernel, a.groups, axis=-1), strict=True)
    results = [
        ops.conv(
            part,
            filters,
            strides=a.stride,
            padding="same" if a.pad_mode == "same" and not itself else "valid",
            data_format="channels_last",
            dilation_rate=a.dilation,
        )
        for part, filters in pairs
    ]
    found = ops.concatenate(results, axis=-1) if a.groups > 1 else results[0]
    return b.from_channels_last(found if a.bias is None else found + b.plain(a.bias))


def _convolution(n: int) -> OpKind:
    word = f"conv{n}d"
    ones = ", ".join(["1"] * n)
    x = {1: "x[:, :, :, 0]", 2: "x", 3: "expand_dims(x, 2)"}[n]
    return OpKind(
        name=word,
        signature=signature(
            Argument("input", Tensor(), help=f"[N, C, {AXES[n]}]"),
            Argument("weight", Tensor(), help="[out, C / groups, ...]"),
            _BIAS,
            Argument("stride", Repeated(Integer(1), n), 1, "along each axis"),
            Argument("pad_mode", Choice(PAD_MODES), "valid", "same: output is ceil(input/stride)"),
            Argument("padding", Repeated(Integer(0), n), 0, "zeros on both sides of each axis"),
            Argument("dilation", Repeated(Integer(1), n), 1, "along each axis"),
            Argument("groups", Integer(1), 1, "groups of channels that do not mix"),
        ),
        summary=f"Cross-correlation of [N, C, {AXES[n]}] with a weight that is a tensor.",
        example=f"conv{n}d({x}, ones([2, 4, {ones}]))",
        infer=lambda a: _infer(word, n, a),
        lower=lambda b, a: _lower(n, b, a),
    )


def _infer_dense(a: Arguments) -> TensorType:
    x, weight = type_of(a.input), type_of(a.weight)
    if weight.rank != 2 or x.rank < 1 or x.shape[-1] != weight.shape[1]:
        raise Misfit(f"dense takes [..., in] and a weight [out, in], found {x} and {weight}")
    _alike(a, numbers_of(x))
    return x.with_shape((*x.shape[:-1], weight.shape[0]))


def _lower_dense(b: Builder, a: Arguments) -> Value:
    ops = b.keras.ops
    product = ops.matmul(b.plain(a.input), ops.transpose(b.plain(a.weight)))
    found = whole_of(b, product)
    return b.from_plain(found if a.bias is None else found + b.plain(a.bias))


KINDS = (
    *(_convolution(n) for n in (1, 2, 3)),
    OpKind(
        name="dense",
        signature=signature(
            Argument("input", Tensor(), help="[..., in]"),
            Argument("weight", Tensor(), help="[out, in]"),
            _BIAS,
        ),
        summary="x W^T + b over the last axis.",
        example="dense(x[:, :, 0, 0], ones([2, 4]))",
        infer=_infer_dense,
        lower=_lower_dense,
    ),
)
