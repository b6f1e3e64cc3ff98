"""Whether a backend holds the integers of a network.

MindSpore's ``argmax`` and the places of ``max`` and ``min`` are int64, and inputs may be. JAX makes
int32 of them without a word unless it is asked not to, and what does not fit wraps around.
"""

from __future__ import annotations

import keras
import numpy as np

from declspore.ir.network import Network
from declspore.lower import errors

_WIDE = ("int64", "uint64")


def check_width(network: Network) -> None:
    """Raises DiagnosticError (E705) where the network has 64-bit integers and the backend not."""
    if any(type.dtype.numpy in _WIDE for type in network.types) and not has_wide_integers():
        spans = [
            node.span
            for node in network.nodes
            if node.span and any(network.type_of(o).dtype.numpy in _WIDE for o in node.outputs)
        ]
        raise errors.no_wide_integers(network.name, keras.backend.backend(), spans)


def has_wide_integers() -> bool:
    """Whether the backend keeps an array of int64 as it is."""
    held = keras.ops.convert_to_tensor(np.zeros((), np.int64))
    return bool(keras.backend.standardize_dtype(held.dtype) == "int64")
