"""Normalisations whose scale and shift flow in as tensors."""

from __future__ import annotations

from math import prod

from declspore.ir.shape import Shape, TensorType, show_shape, static
from declspore.ir.tensors import Ops
from declspore.ir.tensors import Tensor as Plain
from declspore.ir.term import Arguments
from declspore.numerics.axes import axis_of, type_of
from declspore.numerics.broadcast import added, broadcast
from declspore.numerics.by_numpy import by_numpy
from declspore.numerics.elementwise import floats_of, of_one_type
from declspore.registry.builder import Builder, Value
from declspore.registry.kind import Misfit
from declspore.registry.op import OpKind
from declspore.registry.signature import Argument, signature
from declspore.registry.types import Boolean, Integer, ListOf, Number, Optional, Tensor

_X = Argument("input", Tensor(), help="a tensor")
_WEIGHT = Argument("weight", Optional(Tensor()), None, "scale")
_BIAS = Argument("bias", Optional(Tensor()), None, "shift")
_EPS = Argument("eps", Number(above=0.0), 1e-5, "added to the variance")


def _alike(a: Arguments, shape: Shape) -> None:
    wanted = type_of(a.input).with_shape(shape)
    for name in ("weight", "bias"):
        if a[name] is not None and type_of(a[name]) != wanted:
            raise Misfit(f"{name} must be {wanted}, found {type_of(a[name])}")


def _normalized(ops: Ops, x: Plain, axes: tuple[int, ...], eps: float) -> Plain:
    mean = ops.mean(x, axis=axes, keepdims=True)
    centred = x - mean
    return centred * ops.rsqrt(ops.mean(ops.square(centred), axis=axes, keepdims=True) + eps)


def _moved(b: Builder, a: Arguments, x: Plain, shape: tuple[int, ...]) -> Plain:
    """Scaled and shifted by what is given, in a shape that broadcasts."""
    ops = b.keras.ops
    if a.weight is not None:
        x = x * ops.reshape(b.plain(a.weight), shape)
    return x if a.bias is None else added(ops, x, ops.reshape(b.plain(a.bias), shape))


def _infer_layer(a: Arguments) -> TensorType:
    x, shape = floats_of(a.input), a.normalized_shape
    if static(x.shape[x.rank - len(shape) :]) != shape:
        raise Misfit(f"{x} does not end in {show_shape(shape)}")
    _alike(a, shape)
    return x


def _lower_layer(b: Builder, a: Arguments) -> Value:
    rank = type_of(a.input).rank
    axes = tuple(range(rank - len(a.normalized_shape), rank))
    x = _normalized(b.keras.ops, b.plain(a.input), axes, a.eps)
    return b.from_plain(_moved(b, a, x, a.normalized_shape))


def _infer_rms(a: Arguments) -> tuple[TensorType, TensorType]:
    x, gamma = floats_of(a.x), type_of(a.gamma)
    kept = x.rank - gamma.rank
    if not gamma.rank or kept < 0 or x.shape[kept:] != gamma.shape:
        raise Misfit(f"gamma must have the last axes of {x}, found {gamma}")
    if gamma.dtype != x.dtype:
        raise Misfit(f"gamma must have the element type of {x}, found {gamma}")
    return x, x.with_shape((*x.shape[:kept], *(1,) * gamma.rank))


def _lower_rms(b: Builder, a: Arguments) -> tuple[Value, ...]:
    ops, x, rank = b.keras.ops, b.plain(a.x), type_of(a.gamma).rank
    axes = tuple(range(-rank, 0))
    scale = ops.rsqrt(ops.mean(ops.square(x), axis=axes, keepdims=True) + a.epsilon)
    return b.results(x * scale * b.plain(a.gamma), scale)


def _infer_group(a: Arguments) -> TensorType:
    x = floats_of(a.input)
    inner = static(x.shape[1:])
    if inner is None or x.rank < 3 or inner[0] % a.num_groups:
        raise Misfit(f"the channels of {x} must be known and divide into {a.num_groups} groups")
    _alike(a, inner[:1])
    return x


def _lower_group(b: Builder, a: Arguments) -> Value:
    ops, inner = b.keras.ops, static(type_of(a.input).shape[1:])
    assert inner is not None
    size = prod(inner) // a.num_groups
    split = ops.reshape(b.plain(a.input), (-1, a.num_groups, size))
    x = ops.reshape(_normalized(ops, split, (2,), a.eps), (-1, *inner))
    return b.from_plain(_moved(b, a, x, (inner[0], *(1,) * (len(inner) - 1))))


def _infer_cosine(a: Arguments) -> TensorType:
    x, y = floats_of(a.x1), floats_of(a.x2)
    of_one_type(x, y)
    both = x.with_shape(broadcast(x.shape, y.shape))
    found = _without(both, a.dim)
    if broadcast(_without(x, a.dim).shape, _without(y, a.dim).shape) != found.shape:
        raise Misfit(f"axis {a.dim} of {x} is another one than that of {y}", "broadcast_to(...)")
    return found


def _without(x: TensorType, dim: int) -> TensorType:
    axis = axis_of(x, dim)
    return x.with_shape((*x.shape[:axis], *x.shape[axis + 1 :]))


def _lower_cosine(b: Builder, a: Arguments) -> Value:
    ops, x, y = b.keras.ops, b.plain(a.x1), b.plain(a.x2)
    product = ops.sum(x * y, axis=a.dim)
    lengths = [ops.maximum(ops.sqrt(ops.sum(ops.square(one), axis=a.dim)), a.eps) for one in (x, y)]
    return b.from_plain(product / (lengths[0] * lengths[1]))


def _channels(word: str, x: TensorType, **given: object) -> None:
    """Raises Misfit where a tensor of one number a channel is none."""
    if x.rank < 2:
        raise Misfit(f"{word} takes [N, C, ...], found {x}")
    for name, value in given.items():
        if type_of(value).shape != x.shape[1:2]:
            raise Misfit(f"{name} must be {show_shape(x.shape[1:2])}, found {type_of(value)}")


def _infer_batch(a: Arguments) -> TensorType:
    x = floats_of(a.input_x)
    _channels("batch_norm", x, **{name: a[name] for name in _STATISTICS})
    return x


_STATISTICS = ("running_mean", "running_var", "weight", "bias")


def _lower_batch(b: Builder, a: Arguments) -> Value:
    """Channels last, so that numbers of channels broadcast as they are."""
    ops, x = b.keras.ops, b.channels_last(a.input_x)
    mean, var, weight, bias = (b.plain(a[name]) for name in _STATISTICS)
    if a.training:
        axes = (0, *range(1, type_of(a.input_x).rank - 1))
        mean = ops.mean(x, axis=axes)
        var = ops.mean(ops.square(x - mean), axis=axes)
    scale = ops.multiply(ops.rsqrt(var + a.eps), weight)
    return b.from_channels_last((x - mean) * scale + bias)


def _infer_prelu(a: Arguments) -> TensorType:
    x, weight = floats_of(a.x), type_of(a.weight)
    if weight.shape != (1,):
        _channels("prelu", x, weight=a.weight)
    return x


def _lower_prelu(b: Builder, a: Arguments) -> Value:
    x = b.channels_last(a.x) if type_of(a.x).rank > 1 else b.plain(a.x)
    found = b.keras.ops.where(x > 0, x, b.keras.ops.multiply(b.plain(a.weight), x))
    return b.from_channels_last(found) if type_of(a.x).rank > 1 else b.from_plain(found)


KINDS = (
    OpKind(
        name="batch_norm",
        signature=signature(
            Argument("input_x", Tensor(), help="[N, C, ...]"),
            *(
                Argument(name, Tensor(), help=f"{what} of each channel")
                for name, what in zip(
                    _STATISTICS, ("the mean", "the variance", "scale", "shift"), strict=True
                )
            ),
            Argument("training", Boolean(), False, "by the batch's statistics in place of those"),
            Argument("momentum", Number(0.0, 1.0), 0.1, "nothing moves here: tensors are values"),
            Argument("eps", Number(above=0.0), 1e-5, "added to the variance"),
        ),
        summary="(x - mean) / sqrt(var + eps) weight + bias per channel, by given statistics.",
        example="batch_norm(x, zeros([4]), ones([4]), ones([4]), zeros([4]))",
        infer=_infer_batch,
        lower=_lower_batch,
    ),
    OpKind(
        name="prelu",
        signature=signature(
            Argument("x", Tensor(), help="[N, C, ...]"),
            Argument("weight", Tensor(), help="slopes below 0: one, or one for each channel"),
        ),
        summary="x where x > 0, else weight x.",
        example="prelu(x, y[0, :, 0, 0])",
        infer=_infer_prelu,
        lower=_lower_prelu,
        **by_numpy(_lower_prelu),
    ),
    OpKind(
        name="layer_norm",
        signature=signature(
            _X,
            Argument("normalized_shape", ListOf(Integer(1)), help="sizes of the last axes"),
            _WEIGHT,
            _BIAS,
            _EPS,
        ),
        summary="(x - mean) / sqrt(var + eps) weight + bias over the last axes.",
        example="x |> layer_norm([4, 1, 1])",
        infer=_infer_layer,
        lower=_lower_layer,
        **by_numpy(_lower_layer),
    ),
    OpKind(
        name="rms_norm",
        signature=signature(
            Argument("x", Tensor(), help="a tensor"),
            Argument("gamma", Tensor(), help="scale, with the last axes of x"),
            Argument("epsilon", Number(above=0.0, high=1.0), 1e-6, "added to the mean of squares"),
        ),
        summary="x gamma / sqrt(mean(x^2) + epsilon) over the last axes, and what x is scaled by.",
        example="rms_norm(x, ones([4, 1, 1]))[0]",
        infer=_infer_rms,
        lower=_lower_rms,
    ),
    OpKind(
        name="group_norm",
        signature=signature(
            _X,
            Argument("num_groups", Integer(1), help="how many groups the channels make"),
            _WEIGHT,
            _BIAS,
            _EPS,
        ),
        summary="(x - mean) / sqrt(var + eps) weight + bias, with mean and var per group.",
        example="x |> group_norm(2)",
        infer=_infer_group,
        lower=_lower_group,
        **by_numpy(_lower_group),
    ),
    OpKind(
        name="cosine_similarity",
        signature=signature(
            Argument("x1", Tensor(), help="a tensor"),
            Argument("x2", Tensor(), help="a tensor; shapes broadcast"),
            Argument("dim", Integer(), 1, "the axis of the vectors"),
            Argument("eps", Number(above=0.0), 1e-8, "the least length"),
        ),
        summary="The cosine of the angle between vectors.",
        example="cosine_similarity(x, y)",
        infer=_infer_cosine,
        lower=_lower_cosine,
        **by_numpy(_lower_cosine),
    ),
)
