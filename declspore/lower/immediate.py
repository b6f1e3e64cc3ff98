"""An op of the vocabulary carried out at once, on tensors of the backend.

The lowering is the one a network is compiled with, so that an op gives the same numbers whether it
is part of a network or called from Python. Gradients of the backend pass through it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import keras
import numpy as np

from declspore.dataclass import dataclass
from declspore.ir.dtype import BY_NUMPY, FLOAT32, DType
from declspore.ir.network import Network, Node, ValueRef
from declspore.ir.shape import TensorType
from declspore.ir.tensors import Array
from declspore.ir.tensors import Tensor as BackendTensor
from declspore.ir.term import Arguments
from declspore.ir.value import TensorLike
from declspore.lower import value as values
from declspore.lower.binding import MovableStorage, VariableStorage, in_mindspore_order
from declspore.lower.builder import KerasBuilder
from declspore.lower.entering import type_entering
from declspore.lower.network import in_own_type
from declspore.numerics.fills import require_values
from declspore.registry.cell import CellKind
from declspore.registry.op import OpKind
from declspore.tensor import Tensor


@dataclass(frozen=True, eq=False)
class Immediate(TensorLike):
    """A tensor of the backend with its type, as an argument of an op."""

    type: TensorType
    tensor: BackendTensor

    @property
    def described(self) -> str:
        return f"a tensor {self.type}"


def run_op(kind: OpKind, arguments: Arguments) -> list[Immediate]:
    """The results of an op whose tensors are :class:`Immediate`. Raises
    :class:`declspore.registry.kind.Misfit` where shapes or element types do not fit."""
    given = [leaf for leaf in arguments.leaves() if isinstance(leaf, Immediate)]
    seen = _replaced(arguments, [one.type for one in given])
    inferred = require_values(kind.signature, seen, kind.infer(seen))
    types: tuple[TensorType, ...] = inferred if isinstance(inferred, tuple) else (inferred,)
    flowing = [values.plain(one.type, one.tensor) for one in given]
    builder = KerasBuilder(_network(kind, given, types), flowing or [_nothing()])
    node = builder.network.nodes[0]
    return _results(types, kind.lower(builder.lower(node), _replaced(arguments, flowing)))


def run_cell(
    kind: CellKind,
    arguments: Arguments,
    given: Sequence[Immediate],
    named: Mapping[str, Immediate],
    options: Arguments,
) -> list[Immediate]:
    """The results of a cell without parameters, in eval mode. Raises
    :class:`declspore.registry.kind.Misfit`."""
    by_name = {name: one.type for name, one in named.items()}
    inferred = kind.infer(arguments, *(one.type for one in given), **by_name, **options)
    types: tuple[TensorType, ...] = inferred if isinstance(inferred, tuple) else (inferred,)
    every = [*given, *named.values()]
    flowing = [values.plain(one.type, one.tensor) for one in every]
    network = _network(kind, every, types)
    builder = KerasBuilder(network, flowing)
    more = dict(zip(named, flowing[len(given) :], strict=True))
    lowering = builder.lower(network.nodes[0])
    return _results(
        types, kind.lower(lowering, arguments, *flowing[: len(given)], **more, **options)
    )


def _results(types: Sequence[TensorType], made: object) -> list[Immediate]:
    results = made if isinstance(made, tuple) else (made,)
    pairs = zip(types, results, strict=True)
    return [Immediate(type, in_own_type(result).plain()) for type, result in pairs]


def _replaced(arguments: Arguments, by: Sequence[object]) -> Arguments:
    """The arguments with other things in the places of their tensors, in their order."""
    following = iter(by)
    return arguments.map(lambda leaf: next(following) if isinstance(leaf, Immediate) else leaf)


def _network(
    kind: OpKind | CellKind, given: Sequence[Immediate], types: tuple[TensorType, ...]
) -> Network:
    """A network of that op or cell alone, as the builder looks things up in."""
    count = len(given)
    inputs = tuple(ValueRef(index) for index in range(count))
    outputs = tuple(ValueRef(count + index) for index in range(len(types)))
    node = Node(kind.family, kind.name, Arguments(), inputs, outputs, path=kind.name.lower())
    all_types = (*(one.type for one in given), *types)
    return Network(kind.name, {}, (), (node,), outputs, all_types, ())


def _nothing() -> values.Value:
    """Replaces an input where an op has none."""
    zero = keras.ops.zeros((1,))
    return values.plain(TensorType(FLOAT32, (1,)), zero)


@dataclass(frozen=True, eq=False)
class BackendStorage:
    """A tensor of the backend as the value of a :class:`declspore.tensor.Tensor`; it is never
    changed."""

    held: Immediate

    @property
    def shape(self) -> tuple[Any, ...]:
        return self.held.type.shape

    @property
    def dtype(self) -> DType:
        return self.held.type.dtype

    def read(self) -> Array:
        value = np.asarray(keras.ops.convert_to_numpy(self.held.tensor))
        return value.astype(self.dtype.as_numpy(), copy=False)

    def write(self, value: Array) -> None:
        type = TensorType(BY_NUMPY[value.dtype.name], tuple(value.shape))
        object.__setattr__(self, "held", Immediate(type, keras.ops.convert_to_tensor(value)))

    def train(self, whether: bool) -> None:
        pass


def immediate(tensor: Tensor) -> Immediate:
    """The value of a tensor for the backend, in MindSpore's layout."""
    storage = tensor.storage
    if isinstance(storage, BackendStorage):
        return storage.held
    type = TensorType(tensor.dtype, tensor.shape)
    if isinstance(storage, VariableStorage | MovableStorage):
        held = storage if isinstance(storage, VariableStorage) else storage.variable_storage()
        value = keras.ops.convert_to_tensor(held.variable)
        return Immediate(type, in_mindspore_order(held.layout, value, held.shape))
    return Immediate(type, keras.ops.convert_to_tensor(storage.read()))


def as_tensor(held: Immediate) -> Tensor:
    """The reverse: a tensor for scripts."""
    return Tensor.stored(BackendStorage(held))


def of_backend(tensor: BackendTensor) -> Tensor:
    """A tensor of the backend for scripts; axes of unknown size are symbolic."""
    return as_tensor(Immediate(type_entering(tensor), tensor))
