"""Element types and shapes of what enters losses and ops: arrays, or tensors of the backend."""

from __future__ import annotations

from collections.abc import Sequence

import keras
from keras import ops

from declspore.ir.dtype import BY_NUMPY
from declspore.ir.shape import TensorType, symbol
from declspore.ir.tensors import Tensor
from declspore.registry.kind import Misfit

_UNKNOWN = symbol("N")
"""Every axis whose size is not known while a graph is traced."""


def type_entering(tensor: Tensor) -> TensorType:
    """Element type and shape of a tensor or array; axes of unknown size are symbolic. Raises
    Misfit where it holds no numbers."""
    name = getattr(tensor.dtype, "name", None) or keras.backend.standardize_dtype(tensor.dtype)
    if name not in BY_NUMPY:
        raise Misfit(f"expected numbers, found {name}")
    shape = tuple(size if size is not None else _UNKNOWN for size in tensor.shape)
    return TensorType(BY_NUMPY[name], shape)


def of_one_width(tensors: Sequence[Tensor]) -> list[Tensor]:
    """Floats of several widths meet in the widest, as MindSpore's ops promote them: float32 labels
    of outputs in float16, say."""
    dtypes = [keras.backend.standardize_dtype(tensor.dtype) for tensor in tensors]
    floats = {dtype for dtype in dtypes if "float" in dtype}
    if len(floats) < 2:
        return list(tensors)
    widest = keras.backend.result_type(*floats)
    return [
        ops.cast(tensor, widest) if dtype in floats else tensor
        for tensor, dtype in zip(tensors, dtypes, strict=True)
    ]
