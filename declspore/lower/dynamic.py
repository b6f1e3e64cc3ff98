"""Shapes with sizes that are known only when the model runs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras

from declspore.ir.shape import Dim, Shape, TensorType
from declspore.lower.layers import DynamicReshape
from declspore.lower.value import Value
from declspore.numerics.free_sizes import beyond_keras


def reshape(tensor: Any, type: TensorType, shape: Shape) -> Any:
    """The elements of a tensor in another shape, by Keras's own means where they suffice."""
    if beyond_keras(type, shape):
        return DynamicReshape(_references(type.shape, shape))(tensor)
    if sum(not isinstance(dim, int) for dim in shape) <= 1:
        return keras.ops.reshape(tensor, _sizes(shape))
    return keras.layers.Reshape(_sizes(shape[1:]))(tensor)


def _sizes(shape: Sequence[Dim]) -> tuple[int, ...]:
    return tuple(dim if isinstance(dim, int) else -1 for dim in shape)


def _references(known: Shape, shape: Shape) -> list[list[int]]:
    """Each size as ``[0, size]``, or ``[1, axis]`` of the input it is that of; once ``[0, -1]``."""
    left = dict(enumerate(known))
    found: list[list[int]] = []
    for dim in shape:
        axis = next((axis for axis, size in left.items() if size == dim), None)
        if isinstance(dim, int):
            found.append([0, dim])
        elif axis is not None:
            del left[axis]
            found.append([1, axis])
        else:
            found.append([0, -1])
    if found.count([0, -1]) > 1:
        raise NotImplementedError(f"the sizes {shape} cannot be computed from {known}")
    return found


def broadcast_to(tensor: Any, type: TensorType, shape: Shape, inputs: Sequence[Value]) -> Any:
    """A tensor repeated to a shape whose symbolic sizes are axes of the inputs."""
    own = (1,) * (len(shape) - type.rank) + type.shape
    static = [dim if isinstance(dim, int) else 1 for dim in shape]
    tensor = tensor * keras.ops.ones(static, tensor.dtype)
    for axis, (old, new) in enumerate(zip(own, shape, strict=True)):
        if old != new and not isinstance(new, int):
            tensor = tensor * _ones(tensor, axis, new, len(shape), inputs)
    return tensor


def _ones(tensor: Any, axis: int, dim: Dim, rank: int, inputs: Sequence[Value]) -> Any:
    """Ones as long as a symbolic size, along one axis."""
    for value in inputs:
        for place, size in enumerate(value.type.shape):
            if size == dim:
                index = tuple(slice(None) if i == place else 0 for i in range(value.type.rank))
                line = keras.ops.ones_like(value.plain()[index], dtype=tensor.dtype)
                return keras.ops.reshape(line, [-1 if i == axis else 1 for i in range(rank)])
    raise NotImplementedError(f"no input has an axis of size {dim}")
