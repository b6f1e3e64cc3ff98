"""Tensors of sizes that are known only when a model runs: the size itself, and its numbers."""

from __future__ import annotations

from declspore.ir.dtype import INT32
from declspore.ir.shape import Affine, Dim, TensorType
from declspore.ir.tensors import Tensor
from declspore.registry.builder import Builder


def numbers_to(b: Builder, size: Dim) -> Tensor:
    """0, 1, ... below a size, int32."""
    ops = b.keras.ops
    return (
        ops.arange(size, dtype="int32") if isinstance(size, int) else ops.cumsum(_ones(b, size)) - 1
    )


def size_of(b: Builder, size: Dim) -> Tensor:
    """A size as a scalar, int32; one that may be 0 or less, such as ``T - 1``, as well."""
    ops = b.keras.ops
    if isinstance(size, int):
        return ops.convert_to_tensor(size, dtype="int32")
    if size.constant == 0 and len(size.terms) == 1 and size.terms[0][1] == 1:
        return ops.sum(_ones(b, size))
    first, *rest = [size_of(b, Affine(0, ((atom, 1),))) * factor for atom, factor in size.terms]
    return sum(rest, start=size.constant + first)


def _ones(b: Builder, size: Affine) -> Tensor:
    """As many ones as a size."""
    first = b.keras.ops.reshape(b.keras.ops.reshape(b.anchor, [-1])[0], [1])
    one = b.keras.ops.ones_like(first, dtype="int32")
    return b.broadcast_to(one, TensorType(INT32, (1,)), (size,))


def is_backwards(bound: Dim | None) -> bool:
    """Whether a bound of a slice counts from the end, as ``-T`` does."""
    if not isinstance(bound, Affine):
        return bool(bound is not None and bound < 0)
    return bound.constant <= 0 and all(factor < 0 for _, factor in bound.terms)
