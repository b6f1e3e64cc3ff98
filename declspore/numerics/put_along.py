"""Elements put at places that flow in as tensors."""

from __future__ import annotations

from declspore.ir.tensors import Ops, Tensor


def put_along_last(ops: Ops, values: Tensor, places: Tensor, size: int) -> Tensor:
    """Zeros with ``values`` [N, C, n] at ``places`` along a last axis of ``size``; what is put
    at one place twice must be the same both times."""
    channels = values.shape[1]
    rows = ops.cumsum(ops.ones_like(places[:, :, 0], dtype="int32"), axis=0) - 1
    rows = rows * channels + ops.arange(channels, dtype="int32")
    flat = ops.reshape(rows[:, :, None] * size + ops.cast(places, "int32"), (-1, 1))
    nothing = ops.zeros_like(values[:, :, :1]) * ops.zeros((1, 1, size), values.dtype)
    put = ops.scatter_update(ops.reshape(nothing, (-1,)), flat, ops.reshape(values, (-1,)))
    return ops.reshape(put, (-1, channels, size))
