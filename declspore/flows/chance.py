"""Random numbers by counting: a number is a function of the key and its place, and of nothing else.

The function is the finalizer of SplitMix64 (Steele, Lea and Flood, "Fast splittable pseudorandom
number generators", OOPSLA 2014). NumPy and TensorFlow compute the same bits of it.
"""

from __future__ import annotations

from typing import cast

import numpy as np
from numpy.typing import NDArray

from declspore.dataclass import dataclass
from declspore.ir.tensors import Ops, Tensor

Keys = NDArray[np.uint64]

_STEP = 0x9E3779B97F4A7C15
_FIRST, _SECOND = 0xBF58476D1CE4E5B9, 0x94D049BB133111EB
_MASK = (1 << 64) - 1


def mix(keys: object) -> Keys:
    """Every bit of a result depends on every bit of its key; different keys stay different."""
    x = np.atleast_1d(np.asarray(keys, np.uint64))
    x = (x ^ (x >> np.uint64(30))) * np.uint64(_FIRST)
    x = (x ^ (x >> np.uint64(27))) * np.uint64(_SECOND)
    return cast(Keys, x ^ (x >> np.uint64(31)))


def key(*parts: int) -> int:
    """The key of a list of integers."""
    found = 0
    for part in parts:
        found = int(mix((found + (part + 1) * _STEP) & _MASK)[0])
    return found


def keys(base: int, numbers: object) -> Keys:
    """The key of (base, number) for every number."""
    return mix(np.uint64(base) + np.asarray(numbers).astype(np.uint64) * np.uint64(_STEP))


def uniform(tf: Ops, keys: Tensor, count: int) -> Tensor:
    """``count`` float32 from 0 to below 1 for every key [...], int64: a tensor [..., count]."""

    def bits(value: int) -> object:
        return tf.constant(value, tf.uint64)

    shift, xor = tf.bitwise.right_shift, tf.bitwise.bitwise_xor
    steps = (np.arange(1, count + 1, dtype=np.uint64) * np.uint64(_STEP)).astype(np.uint64)
    x = tf.bitcast(keys, tf.uint64)[..., None] + tf.constant(steps)
    x = xor(x, shift(x, bits(30))) * bits(_FIRST)
    x = xor(x, shift(x, bits(27))) * bits(_SECOND)
    x = xor(x, shift(x, bits(31)))
    found: Tensor = tf.cast(tf.cast(shift(x, bits(40)), tf.int32), tf.float32) * (2.0**-24)
    return found


@dataclass(frozen=True)
class StepChance:
    """Random numbers of one step in one epoch."""

    base: int

    def order(self, count: int) -> NDArray[np.int64]:
        return np.argsort(keys(self.base, np.arange(count)), kind="stable")

    def uniform(self, count: int) -> NDArray[np.float64]:
        return (keys(self.base, np.arange(count)) >> np.uint64(11)).astype(np.float64) * 2.0**-53
