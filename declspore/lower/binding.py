"""Which Keras variable holds which parameter of MindSpore, and in which layout."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from weakref import WeakKeyDictionary

import keras
import numpy as np

from declspore.dataclass import dataclass
from declspore.ir.dtype import DType
from declspore.ir.layout import SAME, Layout
from declspore.ir.network import Network
from declspore.ir.tensors import Array, Tensor
from declspore.tensor import Parameter


@dataclass(frozen=True, eq=False)
class VariableStorage:
    """A Keras variable seen in MindSpore's layout, with MindSpore's shape and element type; its
    gradient has only rows that were looked up where it is ``by_rows``, and no layer has it where it
    is
    ``idle``."""

    shape: tuple[int, ...]
    dtype: DType
    variable: keras.Variable
    layout: Layout = SAME
    by_rows: bool = False
    idle: bool = False

    def read(self) -> Array:
        return self.of_value(np.asarray(keras.ops.convert_to_numpy(self.variable.value)))

    def of_value(self, held: Array) -> Array:
        """What is read where the variable has this value."""
        value = self.layout.from_keras(held, self.shape)
        return np.asarray(value, dtype=self.dtype.as_numpy())

    def write(self, value: Array) -> None:
        self.variable.assign(self.layout.to_keras(value))

    def train(self, whether: bool) -> None:
        self.variable.trainable = whether


class MovableStorage:
    """A parameter of a network whose variable may change: a network of Python is compiled when its
    inputs are known, for other inputs once more, and parameters move from model to model.

    ``first`` gives the value it starts from, when that is first asked for.
    """

    def __init__(self, shape: tuple[int, ...], dtype: DType, first: Callable[[], Array]) -> None:
        self.shape, self.dtype, self._first = shape, dtype, first
        self.name = "parameter"
        self._value: Array | None = None
        self._held: VariableStorage | None = None
        self._trained = True

    def read(self) -> Array:
        if self._held is not None:
            return self._held.read()
        if self._value is None:
            self._value = self._first()
        return self._value

    def write(self, value: Array) -> None:
        if self._held is not None:
            self._held.write(value)
        else:
            self._value = value

    def train(self, whether: bool) -> None:
        self._trained = whether
        if self._held is not None:
            self._held.train(whether)

    def move(self, place: VariableStorage) -> None:
        """Live in another variable from now on, with the value of this moment."""
        if place is self._held:
            return
        place.write(self.read())
        place.train(self._trained)
        self._held, self._value = place, None

    def variable_storage(self) -> VariableStorage:
        """The variable it lives in: one of its own as long as no model has it."""
        if self._held is None:
            value = self.read()
            variable = keras.Variable(value, trainable=self._trained, name=self.name)
            self._held = VariableStorage(self.shape, self.dtype, variable)
            self._value = None
        return self._held


def in_mindspore_order(layout: Layout, tensor: Tensor, shape: tuple[int, ...]) -> Tensor:
    """What ``layout.from_keras`` does to an array, for a tensor of the backend."""
    if layout.order is None:
        return keras.ops.reshape(tensor, shape)
    split = layout.split if layout.split is not None else shape
    held = keras.ops.reshape(tensor, [split[axis] for axis in layout.order])
    inverse = sorted(range(len(layout.order)), key=layout.order.__getitem__)
    return keras.ops.reshape(keras.ops.transpose(held, inverse), shape)


def in_keras_order(layout: Layout, tensor: Tensor) -> Tensor:
    """What ``layout.to_keras`` does to an array, for a tensor of the backend."""
    if layout.split is not None:
        tensor = keras.ops.reshape(tensor, layout.split)
    if layout.order is not None:
        tensor = keras.ops.transpose(tensor, layout.order)
    return tensor if layout.merged is None else keras.ops.reshape(tensor, layout.merged)


class ModelBinding(Mapping[str, VariableStorage]):
    """The parameters of a compiled network by name, in MindSpore's order."""

    def __init__(self, network: Network, storages: Mapping[str, VariableStorage]) -> None:
        self.network = network
        self._storages = {spec.name: storages[spec.name] for spec in network.parameters}
        for spec in network.parameters:
            if not spec.trainable:
                self._storages[spec.name].train(False)
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


_BINDINGS: WeakKeyDictionary[object, ModelBinding] = WeakKeyDictionary()


def attach(model: keras.Model, binding: ModelBinding) -> None:
    """Remember the binding of a model and give it MindSpore's ways to ask for parameters."""
    _BINDINGS[model] = binding
    model.trainable_params = lambda: list(binding.trainable)
    model.get_parameters = lambda: list(binding.parameters)
    model.parameters_dict = lambda: {p.name: p for p in binding.parameters}
    model.parameters_and_names = lambda: [(p.name, p) for p in binding.parameters]


def binding_of(model: object) -> ModelBinding | None:
    """The binding of a model compiled from a spec, or None for any other object."""
    try:
        return _BINDINGS.get(model)
    except TypeError:
        return None
