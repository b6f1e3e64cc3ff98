"""Chance for scripts: one generator, which ``set_seed`` starts over."""

from __future__ import annotations

import numpy as np

from declspore.engine import missing


class _Chance:
    def __init__(self) -> None:
        self.seed: int | None = None
        self.generator = np.random.default_rng()


_CHANCE = _Chance()


def set_seed(seed: int) -> None:
    """Make everything that is built or drawn from now on start from this seed: parameters,
    dropout, data, random tensors. Raises ValueError."""
    _CHANCE.seed = as_seed(seed)
    _CHANCE.generator = np.random.default_rng(_CHANCE.seed)
    if not missing():
        import keras

        keras.utils.set_random_seed(_CHANCE.seed % 2**32)


def get_seed() -> int | None:
    """The seed that was set last."""
    return _CHANCE.seed


def generator(seed: int | None = None) -> np.random.Generator:
    """Where random tensors come from; another one for a seed of their own."""
    return _CHANCE.generator if seed is None else np.random.default_rng(seed)


def as_seed(seed: object) -> int:
    """A seed as int. Raises ValueError."""
    if isinstance(seed, bool) or not isinstance(seed, int | np.integer) or seed < 0:
        raise ValueError(f"seed must be an integer from 0, not {seed!r}")
    return int(seed)
