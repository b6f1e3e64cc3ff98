"""Layers whose results have sizes that only run time knows."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from typing import Any

import keras
from keras import ops

from declspore.ir.sizes import Computation
from declspore.ir.tensors import Tensor


@keras.saving.register_keras_serializable("declspore")
class DynamicReshape(keras.layers.Layer):
    """The elements of the first tensor in another shape of which several sizes are free.

    ``target`` holds a computation for each axis (:mod:`declspore.ir.sizes`) on the sizes of the
    tensors that enter, or -1 for one of them.
    """

    def __init__(self, target: list[Computation], **options: object) -> None:
        super().__init__(autocast=False, **options)
        self.target = target

    def call(self, inputs: Tensor | list[Tensor]) -> Tensor:
        tensors = _listed(inputs)
        shapes = [ops.shape(tensor) for tensor in tensors]
        return self._shaped(tensors[0], [_computed(one, shapes) for one in self.target])

    def _shaped(self, tensor: Tensor, sizes: list[int | Tensor]) -> Tensor:
        return ops.reshape(tensor, sizes)

    def compute_output_spec(self, inputs: Tensor | list[Tensor]) -> keras.KerasTensor:
        tensors = _listed(inputs)
        sizes = [_computed(one, [tensor.shape for tensor in tensors]) for one in self.target]
        free = (None if size == -1 else size for size in sizes)
        return keras.KerasTensor(tuple(free), tensors[0].dtype)

    def get_config(self) -> dict[str, object]:
        config = super().get_config()
        config.pop("autocast", None)
        return {**config, "target": self.target}


@keras.saving.register_keras_serializable("declspore")
class DynamicBroadcast(DynamicReshape):
    """The first tensor repeated to a shape of which sizes are free."""

    def _shaped(self, tensor: Tensor, sizes: list[int | Tensor]) -> Tensor:
        return ops.broadcast_to(tensor, sizes)


def _listed(inputs: Tensor | list[Tensor] | tuple[Tensor, ...]) -> list[Tensor]:
    return list(inputs) if isinstance(inputs, list | tuple) else [inputs]


def _computed(computation: Any, shapes: Sequence[Sequence[int | Tensor | None]]) -> Any:
    """The size a computation gives; None where one it needs is not known yet."""
    if isinstance(computation, int):
        return computation
    kind, *parts = computation
    if kind == "size":
        return shapes[parts[0]][parts[1]]
    if kind == "quotient":
        inner = _computed(parts[0], shapes)
        return None if inner is None else inner // parts[1]
    values = [_computed(part, shapes) for part in parts]
    if any(value is None for value in values):
        return None
    if kind == "product":
        return prod(values)
    return values[0] + sum(a * b for a, b in zip(values[1::2], values[2::2], strict=True))
