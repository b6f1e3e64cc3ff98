"""Which Keras variable holds which parameter of MindSpore, and in which layout."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from weakref import WeakKeyDictionary

import keras
import numpy as np
from numpy.typing import NDArray

from declspore.ir.dtype import DType
from declspore.ir.layout import SAME, Layout
from declspore.ir.network import Network
from declspore.tensor import Parameter

Array = NDArray[Any]


@dataclass(frozen=True, eq=False)
class VariableStorage:
    """A Keras variable seen in MindSpore's layout, with MindSpore's shape and element type; its
    gradient has only rows that were looked up where it is ``by_rows``, and no layer has it where it
    is
    ``idle``."""

    shape: tuple[int, ...]
    dtype: DType
    variable: Any
    layout: Layout = SAME
    by_rows: bool = False
    idle: bool = False

    def read(self) -> Array:
        held = np.asarray(keras.ops.convert_to_numpy(self.variable.value))
        value = self.layout.from_keras(held, self.shape)
        return np.asarray(value, dtype=self.dtype.as_numpy())

    def write(self, value: Array) -> None:
        self.variable.assign(self.layout.to_keras(value))

    def train(self, whether: bool) -> None:
        self.variable.trainable = whether


def in_mindspore_order(layout: Layout, tensor: Any, shape: tuple[int, ...]) -> Any:
    """What ``layout.from_keras`` does to an array, for a tensor of the backend."""
    if layout.order is None:
        return keras.ops.reshape(tensor, shape)
    split = layout.split if layout.split is not None else shape
    held = keras.ops.reshape(tensor, [split[axis] for axis in layout.order])
    inverse = sorted(range(len(layout.order)), key=layout.order.__getitem__)
    return keras.ops.reshape(keras.ops.transpose(held, inverse), shape)


def in_keras_order(layout: Layout, tensor: Any) -> Any:
    """What ``layout.to_keras`` does to an array, for a tensor of the backend."""
    if layout.split is not None:
        tensor = keras.ops.reshape(tensor, layout.split)
    if layout.order is not None:
        tensor = keras.ops.transpose(tensor, layout.order)
    return tensor if layout.merged is None else keras.ops.reshape(tensor, layout.merged)


class Binding(Mapping[str, VariableStorage]):
    """The parameters of a compiled network by name, in MindSpore's order."""

    def __init__(self, network: Network, storages: Mapping[str, VariableStorage]) -> None:
        self.network = network
        self._storages = {spec.name: storages[spec.name] for spec in network.parameters}
        self.parameters = tuple(
            Parameter.backed(spec.name, self._storages[spec.name], spec.trainable)
            for spec in network.parameters
        )

    def __getitem__(self, name: str) -> VariableStorage:
        return self._storages[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._storages)

    def __len__(self) -> int:
        return len(self._storages)

    @property
    def trainable(self) -> list[Parameter]:
        return [parameter for parameter in self.parameters if parameter.requires_grad]


_BINDINGS: WeakKeyDictionary[Any, Binding] = WeakKeyDictionary()


def attach(model: Any, binding: Binding) -> None:
    """Remember the binding of a model and give it MindSpore's ways to ask for parameters."""
    _BINDINGS[model] = binding
    model.trainable_params = lambda: list(binding.trainable)
    model.get_parameters = lambda: list(binding.parameters)
    model.parameters_dict = lambda: {p.name: p for p in binding.parameters}
    model.parameters_and_names = lambda: [(p.name, p) for p in binding.parameters]


def binding_of(model: Any) -> Binding | None:
    """The binding of a model compiled from a spec, or None for any other object."""
    try:
        return _BINDINGS.get(model)
    except TypeError:
        return None
