"""Normalization over groups of channels, for the cells that are made of it."""

from __future__ import annotations

from declspore.ir.tensors import Tensor
from declspore.ir.term import Arguments
from declspore.registry.builder import Builder, Value


def pivoted(b: Builder, x: Tensor, pivot: Tensor) -> Tensor:
    """A tensor without one of the values it is normalised with: the result is the same, equal
    numbers become 0, and large ones keep their digits in Keras's formula, x s - mean s. Half
    precision, which Keras normalises in float32, would lose digits by it."""
    wide = b.keras.backend.standardize_dtype(x.dtype) in ("float32", "float64")
    return x - b.keras.ops.stop_gradient(pivot) if wide else x


def _near_zero(b: Builder, x: Tensor, groups: int) -> Tensor:
    """Channels last, without the first value of each group of channels of each sample."""
    ops, channels = b.keras.ops, x.shape[-1]
    first = x[
        (slice(None), *(slice(0, 1),) * (len(x.shape) - 2), slice(None, None, channels // groups))
    ]
    return pivoted(b, x, ops.repeat(first, channels // groups, axis=-1))


def normalized_groups(b: Builder, a: Arguments, x: Value, groups: int) -> Value:
    """The values of [N, C, ...] with the biased statistics of each of ``groups`` of channels of
    each sample, scaled by ``gamma`` and shifted by ``beta``; ``a`` has ``eps`` and ``affine``."""
    norm = b.layer(
        b.keras.layers.GroupNormalization,
        groups=groups,
        epsilon=a.eps,
        gamma_initializer=b.initial("gamma"),
        beta_initializer=b.initial("beta"),
        trainable=a.affine,
    )
    result = norm(_near_zero(b, b.channels_last(x), groups))
    b.bind("gamma", norm.gamma)
    b.bind("beta", norm.beta)
    return b.from_channels_last(result)
