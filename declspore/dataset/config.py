"""``mindspore.dataset.config``: the seed of what datasets draw. Other settings of MindSpore's
engine are kept and change nothing."""

from __future__ import annotations

import zlib

import numpy as np

from declspore.eager.random import get_seed as script_seed

_settings: dict[str, int] = {}


def set_seed(seed: int) -> None:
    """Decide the order of datasets and what their transforms draw. Raises ValueError."""
    if isinstance(seed, bool) or not isinstance(seed, int) or seed < 0:
        raise ValueError(f"seed must be an integer from 0, not {seed!r}")
    _settings["seed"] = seed


def get_seed() -> int | None:
    """The seed that was set here, or by ``declspore.set_seed``."""
    return _settings.get("seed", script_seed())


def chance(step: str, epoch: int) -> np.random.Generator:
    """Random numbers of a step in an epoch; of chance where no seed was set."""
    seed = get_seed()
    if seed is None:
        return np.random.default_rng()
    return np.random.default_rng([seed, epoch, zlib.crc32(step.encode())])


def set_num_parallel_workers(num: int) -> None:
    """Kept; it changes nothing."""
    _settings["num_parallel_workers"] = num


def get_num_parallel_workers() -> int:
    """What was set."""
    return int(_settings.get("num_parallel_workers", 1))


def set_prefetch_size(size: int) -> None:
    """Kept; it changes nothing."""
    _settings["prefetch_size"] = size


def set_auto_num_workers(enable: bool) -> None:
    """Kept; it changes nothing."""


def set_enable_shared_mem(enable: bool) -> None:
    """Kept; it changes nothing."""
