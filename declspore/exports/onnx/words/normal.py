"""Normalisations, in eval."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from declspore.exports.onnx.graph import Lower, Lowering, Tensor, WithoutForm
from declspore.ir.shape import Shape, product, static
from declspore.ir.term import Arguments
from declspore.numerics.axes import axis_of


def _batch(prefix: str = "") -> Callable[..., str]:
    def lower(n: Lowering, a: Arguments, x: Tensor) -> str:
        gamma, beta = n.parameter(f"{prefix}gamma"), n.parameter(f"{prefix}beta")
        if a.use_batch_statistics:
            return _by_batch(n, a, x, gamma, beta)
        mean, variance = (
            n.parameter(f"{prefix}moving_mean"),
            n.parameter(f"{prefix}moving_variance"),
        )
        return n.emit("BatchNormalization", x, gamma, beta, mean, variance, epsilon=float(a.eps))

    return lower


def _by_batch(n: Lowering, a: Arguments, x: Tensor, gamma: str, beta: str) -> str:
    axes = n.constant([axis for axis in range(x.type.rank) if axis != 1])
    centred = n.emit("Sub", x, n.emit("ReduceMean", x, axes, keepdims=1))
    variance = n.emit("ReduceMean", n.emit("Mul", centred, centred), axes, keepdims=1)
    deviation = n.emit("Sqrt", n.emit("Add", variance, n.scalar(a.eps, n.type.dtype)))
    return _affine(n, n.emit("Div", centred, deviation), gamma, beta, x.type.rank)


def _affine(n: Lowering, value: str, gamma: str, beta: str, rank: int) -> str:
    """A value [N, C, ...] scaled and shifted by channel."""
    shape = n.constant([-1, *[1] * (rank - 2)])
    scaled = n.emit("Mul", value, n.emit("Reshape", gamma, shape))
    return n.emit("Add", scaled, n.emit("Reshape", beta, shape))


def _layer(n: Lowering, a: Arguments, x: Tensor) -> str:
    axis = axis_of(x.type, a.begin_norm_axis)
    gamma, beta = n.parameter("gamma"), n.parameter("beta")
    if axis == axis_of(x.type, a.begin_params_axis):
        return n.emit("LayerNormalization", x, gamma, beta, axis=axis, epsilon=float(a.epsilon))
    sizes = static(x.type.shape[axis:])
    if sizes is None:
        raise WithoutForm("gamma and beta are of other axes than those that are normalised")
    ones = n.constant(np.ones(sizes), n.type.dtype.numpy)
    found = n.emit("LayerNormalization", x, ones, axis=axis, epsilon=float(a.epsilon))
    return n.emit("Add", n.emit("Mul", found, gamma), beta)


def _group(n: Lowering, a: Arguments, x: Tensor) -> str:
    whole = _by_groups(n, a, x)
    return _affine(n, whole, n.parameter("gamma"), n.parameter("beta"), x.type.rank)


def _by_groups(n: Lowering, a: Arguments, x: Tensor) -> str:
    """Groups as the channels of an instance norm."""
    shape, dtype = x.type.shape, n.type.dtype.numpy
    flat = n.emit("Reshape", x, n.constant([0, a.num_groups, -1]))
    ones = n.constant(np.ones(a.num_groups), dtype)
    zeros = n.constant(np.zeros(a.num_groups), dtype)
    found = n.emit("InstanceNormalization", flat, ones, zeros, epsilon=float(a.eps))
    spatial = product(shape[2:])
    middle = (shape[0], a.num_groups, spatial)
    if _known(shape):
        return n.reshape(found, middle, shape)
    return n.emit("Reshape", found, n.emit("Shape", x))


def _known(shape: Shape) -> bool:
    return all(isinstance(dim, int) for dim in shape[1:])


def _instance(n: Lowering, a: Arguments, x: Tensor) -> str:
    gamma, beta = n.parameter("gamma"), n.parameter("beta")
    return n.emit("InstanceNormalization", x, gamma, beta, epsilon=float(a.eps))


def _l2(n: Lowering, a: Arguments) -> str:
    given = a.axis if isinstance(a.axis, tuple) else (a.axis,)
    axes = n.constant([axis_of(a.input, axis) for axis in given])
    total = n.emit("ReduceSumSquare", a.input, axes, keepdims=1)
    floor = n.emit("Max", total, n.scalar(a.epsilon, n.type.dtype))
    return n.emit("Div", a.input, n.emit("Sqrt", floor))


def _rms(n: Lowering, a: Arguments) -> str | tuple[str, ...]:
    axes = n.constant(list(range(-a.gamma.type.rank, 0)))
    x = n.cast(a.x, n.type.dtype)
    square = n.emit("ReduceMean", n.emit("Mul", x, x), axes, keepdims=1)
    root = n.emit("Sqrt", n.emit("Add", square, n.scalar(a.epsilon, n.type.dtype)))
    inverse = n.emit("Reciprocal", root)
    found = n.emit("Mul", n.emit("Mul", x, inverse), a.gamma)
    return (found, inverse) if len(n.types) > 1 else found


# ---- by tensors


def _batch_op(n: Lowering, a: Arguments) -> str:
    x: Tensor = a.input_x
    if a.training:
        return _by_batch(n, a, x, a.weight.name, a.bias.name)
    given = x, a.weight, a.bias, a.running_mean, a.running_var
    return n.emit("BatchNormalization", *given, epsilon=float(a.eps))


def _layer_op(n: Lowering, a: Arguments) -> str:
    dtype = n.type.dtype.numpy
    scale = a.weight or n.constant(np.ones(a.normalized_shape), dtype)
    shift = () if a.bias is None else (a.bias,)
    axis = -len(a.normalized_shape)
    return n.emit("LayerNormalization", a.input, scale, *shift, axis=axis, epsilon=float(a.eps))


def _group_op(n: Lowering, a: Arguments) -> str:
    x: Tensor = a.input
    found = _by_groups(n, a, x)
    line = n.constant([-1, *[1] * (x.type.rank - 2)])
    for operator, given in (("Mul", a.weight), ("Add", a.bias)):
        if given is not None:
            found = n.emit(operator, found, n.emit("Reshape", given, line))
    return found


def _prelu_op(n: Lowering, a: Arguments) -> str:
    slope: Tensor | str = a.weight
    if a.x.type.rank > 2:
        slope = n.emit("Reshape", a.weight, n.constant([-1, *[1] * (a.x.type.rank - 2)]))
    return n.emit("PRelu", n.cast(a.x, n.type.dtype), slope)


LOWERINGS: dict[str, Lower] = {
    "BatchNorm1d": _batch(),
    "BatchNorm2d": _batch(),
    "BatchNorm3d": _batch("bn2d."),
    "SyncBatchNorm": _batch(),
    "LayerNorm": _layer,
    "GroupNorm": _group,
    **{f"InstanceNorm{n}d": _instance for n in (1, 2, 3)},
    "l2_normalize": _l2,
    "rms_norm": _rms,
    "batch_norm": _batch_op,
    "layer_norm": _layer_op,
    "group_norm": _group_op,
    "prelu": _prelu_op,
}
