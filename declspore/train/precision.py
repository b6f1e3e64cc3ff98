"""Mixed precision: MindSpore's levels as dtype policies of Keras."""

from __future__ import annotations

from typing import TypeVar

import keras

from declspore.eager.cell import Cell
from declspore.ir.dtype import BFLOAT16, FLOAT16, DType

_LEVELS = ("O0", "O1", "O2", "O3", "auto")
N = TypeVar("N")


def policy_of(level: str, dtype: DType = FLOAT16) -> str | None:
    """The dtype policy of a level: none for ``O0``, mixed precision for all others, in which
    parameters and normalization stay float32. Raises ValueError."""
    if level not in _LEVELS:
        raise ValueError(f"amp_level must be one of {', '.join(_LEVELS)}, not {level!r}")
    if dtype not in (FLOAT16, BFLOAT16):
        raise ValueError(f"mixed precision is of float16 or bfloat16, not {dtype}")
    return None if level == "O0" else f"mixed_{dtype.numpy}"


def auto_mixed_precision(network: N, amp_level: str = "O0", dtype: DType = FLOAT16) -> N:
    """The network, computing in float16 or bfloat16 (mindspore.amp.auto_mixed_precision).

    Raises TypeError for a model that is compiled already, ValueError for an unknown level.
    """
    policy = policy_of(amp_level, dtype)
    if isinstance(network, Cell):
        network.set_policy(policy)
    elif policy is not None and isinstance(network, keras.Model):
        raise TypeError(
            "the network is compiled already; make it under "
            f'keras.config.set_dtype_policy("{policy}")'
        )
    return network
