"""Normalization over groups of channels, for the cells that are made of it."""

from __future__ import annotations

from declspore.ir.term import Arguments
from declspore.registry.builder import Builder, Value


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
    result = norm(b.channels_last(x))
    b.bind("gamma", norm.gamma)
    b.bind("beta", norm.beta)
    return b.from_channels_last(result)
