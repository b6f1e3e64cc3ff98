"""Shapes with sizes that are known only when the model runs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras

from declspore.ir.shape import Dim, Shape, TensorType
from declspore.ir.sizes import Computation, Sizes, tensors_of
from declspore.ir.tensors import Tensor
from declspore.lower.shaping import DynamicBroadcast, DynamicReshape
from declspore.lower.value import Arrangement, Value
from declspore.numerics.free_sizes import beyond_keras, grown, repeats_beyond_keras


def reshape(tensor: Tensor, type: TensorType, shape: Shape, inputs: Sequence[Value]) -> Tensor:
    """The elements of a tensor in another shape, by Keras's own means where they suffice, else by
    its sizes and those of the network's inputs."""
    if beyond_keras(type, shape):
        own = Sizes([type.shape])
        if sum(own.of(dim) is None for dim in shape) <= 1:
            return DynamicReshape([_or_free(own.of(dim)) for dim in shape])(tensor)
        return _by_inputs(DynamicReshape, tensor, type, shape, inputs)
    if sum(not isinstance(dim, int) for dim in shape) <= 1:
        return keras.ops.reshape(tensor, _sizes(shape))
    return keras.layers.Reshape(_sizes(shape[1:]))(tensor)


def _or_free(found: Computation | None) -> Computation:
    return -1 if found is None else found


def _by_inputs(
    layer: type[DynamicReshape],
    tensor: Tensor,
    type: TensorType,
    shape: Shape,
    inputs: Sequence[Value],
) -> Tensor:
    """A tensor shaped by a layer that computes sizes from the tensor's and the inputs'."""
    sizes = Sizes([type.shape, *(_lying(value) for value in inputs)])
    target = [_or_free(sizes.of(dim)) for dim in shape]
    asked = sorted({0, *(n for one in target for n in tensors_of(one))})
    places = {n: place for place, n in enumerate(asked)}
    given = [tensor if n == 0 else inputs[n - 1].tensor for n in asked]
    renamed = [_renamed(one, places) for one in target]
    return layer(renamed)(given if len(given) > 1 else tensor)


def _lying(value: Value) -> Shape:
    """The shape of a value as its tensor has its axes."""
    shape = value.type.shape
    return (shape[0], *shape[2:], shape[1]) if value.arrangement is Arrangement.LAST else shape


def _renamed(computation: Any, places: dict[int, int]) -> Any:
    if not isinstance(computation, list):
        return computation
    if computation[0] == "size":
        return ["size", places[computation[1]], computation[2]]
    return [_renamed(part, places) for part in computation]


def _sizes(shape: Sequence[Dim]) -> tuple[int, ...]:
    return tuple(dim if isinstance(dim, int) else -1 for dim in shape)


def broadcast_to(tensor: Tensor, type: TensorType, shape: Shape, inputs: Sequence[Value]) -> Tensor:
    """A tensor repeated to a shape whose symbolic sizes are those of the inputs, or are computed
    from them."""
    if repeats_beyond_keras(type, shape, [value.type.shape for value in inputs]):
        return _by_inputs(DynamicBroadcast, tensor, type, shape, inputs)
    static = [dim if isinstance(dim, int) else 1 for dim in shape]
    tensor = tensor * keras.ops.ones(static, tensor.dtype)
    for axis, dim in grown(type, shape).items():
        tensor = tensor * _ones(tensor, axis, dim, len(shape), inputs)
    return tensor


def _axis_of(dim: Dim, inputs: Sequence[Value]) -> tuple[Value, int] | None:
    """An axis of an input that has a size."""
    places = ((value, axis) for value in inputs for axis in range(value.type.rank))
    return next(((v, axis) for v, axis in places if v.type.shape[axis] == dim), None)


def _ones(tensor: Tensor, axis: int, dim: Dim, rank: int, inputs: Sequence[Value]) -> Tensor:
    """Ones as long as a symbolic size, along one axis."""
    found = _axis_of(dim, inputs)
    assert found is not None
    value, place = found
    index = tuple(slice(None) if i == place else 0 for i in range(value.type.rank))
    line = keras.ops.ones_like(value.plain()[index], dtype=tensor.dtype)
    return keras.ops.reshape(line, [-1 if i == axis else 1 for i in range(rank)])
