"""A checked network to an ordinary functional Keras model.

Assumes a network whose shapes are proved; guarantees a model whose variables hold exactly the
network's parameters, each with a reversible layout.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import assert_never

import keras
import numpy as np

from declspore.deep import deeply
from declspore.ir.dtype import BY_NAME
from declspore.ir.network import Input, Network, Node, ParameterSpec, ValueRef
from declspore.ir.shape import TensorType
from declspore.ir.tensors import Array, Tensor
from declspore.ir.term import Arguments
from declspore.lower import value as values
from declspore.lower.binding import ModelBinding, VariableStorage, attach
from declspore.lower.builder import KerasBuilder
from declspore.lower.initial import first_value
from declspore.lower.loss_layer import LossLayer
from declspore.lower.types import own_types
from declspore.lower.value import Value
from declspore.lower.width import check_width
from declspore.registry.cell import CellKind
from declspore.registry.op import OpKind
from declspore.registry.table import vocabulary
from declspore.registry.tensor import TensorKind

DATA_FORMATS = ("channels_first", "channels_last")


FirstValue = Callable[[ParameterSpec], Array]


def compile_network(
    network: Network,
    *,
    data_format: str = "channels_first",
    seed: int = 0,
    value: FirstValue | None = None,
) -> keras.Model:
    """The model, with its parameters at their first values, or at those ``value`` gives.

    ``data_format`` is how images enter and leave: ``channels_first`` as the spec declares them,
    or ``channels_last``; inside, the model always runs channels-last. ``seed`` and the path of a
    parameter decide its first value. Raises DiagnosticError where the backend has not the
    network's element types.
    """
    if data_format not in DATA_FORMATS:
        raise ValueError(f"data_format must be one of {DATA_FORMATS}, not {data_format!r}")
    check_width(network)
    with own_types():
        return _compiled(network, data_format, seed, value)


def _compiled(
    network: Network, data_format: str, seed: int, value: FirstValue | None
) -> keras.Model:
    tensors, flowing = _inputs(network, data_format)
    builder = KerasBuilder(network, list(flowing.values()))
    for node in network.nodes:
        _lower(builder.lower(node), node, flowing)
    results = [_symbolic(flowing[ref], builder.anchor) for ref in network.outputs]
    outputs = _connected([_output(value, data_format) for value in results], tensors)
    model = deeply(  # Keras follows a graph by calling itself
        lambda: keras.Model(
            tensors[0] if len(tensors) == 1 else tensors,
            outputs[0] if len(outputs) == 1 else outputs,
            name=network.name,
        )
    )
    binding = ModelBinding(network, _all_storages(network, builder))
    for spec in network.parameters:
        binding[spec.name].write(first_value(spec, seed) if value is None else value(spec))
    attach(model, binding)
    return model


def _connected(outputs: list[object], inputs: list[Tensor]) -> list[object]:
    """Inputs that are outputs pass through a layer: Keras before 3.13 needs one between."""
    passed: dict[int, object] = {}
    for number, each in enumerate(inputs):
        if any(output is each for output in outputs):
            layer = keras.layers.Identity(autocast=False, name=f"input-{number}-passed")
            passed[id(each)] = layer(each)
    return [passed.get(id(output), output) for output in outputs]


def _inputs(network: Network, data_format: str) -> tuple[list[Tensor], dict[ValueRef, Value]]:
    tensors, flowing = [], {}
    for index, entry in enumerate(network.inputs):
        last = data_format == "channels_last" and entry.type.rank >= 4
        tensor = _input(entry, network, last)
        tensors.append(tensor)
        make = values.channels_last if last else values.plain
        flowing[ValueRef(index)] = make(entry.type, tensor)
    return tensors, flowing


def _input(entry: Input, network: Network, channels_last: bool) -> Tensor:
    sizes = [dim if isinstance(dim, int) else None for dim in entry.type.shape[1:]]
    if channels_last:
        sizes = [*sizes[1:], sizes[0]]
    taken = entry.name in network.uses
    name = f"{entry.name}-input" if taken else entry.name
    dtype = BY_NAME[entry.type.dtype.name].numpy
    if not entry.type.shape:
        return keras.Input(batch_shape=(), dtype=dtype, name=name)
    if isinstance(entry.type.shape[0], int):  # a size like the others
        return keras.Input(batch_shape=(entry.type.shape[0], *sizes), dtype=dtype, name=name)
    return keras.Input(sizes, dtype=dtype, name=name)


def _lower(builder: KerasBuilder, node: Node, flowing: dict[ValueRef, Value]) -> None:
    match node.family:
        case "cell":
            cell = vocabulary().of(CellKind, node.word)
            inputs = [_symbolic(flowing[ref], builder.anchor) for ref in node.inputs]
            plain = len(inputs) - len(node.named)
            named = dict(zip(node.named, inputs[plain:], strict=True))
            result = cell.lower(builder, node.arguments, *inputs[:plain], **named, **node.options)
        case "op":
            op = vocabulary().of(OpKind, node.word)
            result = op.lower(builder, _with_values(node, flowing, builder.anchor))
        case "tensor":
            result = _constant(node, builder.output_type)
        case "loss":
            tensors = [_symbolic(flowing[ref], builder.anchor).plain() for ref in node.inputs]
            layer = builder.layer(LossLayer, word=node.word, arguments=dict(node.arguments))
            result = builder.value(builder.output_type, layer(tensors))
        case _:
            assert_never(node.family)
    results = result if isinstance(result, tuple) else (result,)
    for ref, value in zip(node.outputs, results, strict=True):
        assert isinstance(value, Value), "what the builder made"
        flowing[ref] = in_own_type(value)


def in_own_type(value: Value) -> Value:
    """Layers compute in the type of their policy, which is the one of float32 in a spec; floats of
    another type have that again after them."""
    dtype = value.type.dtype
    found = keras.backend.standardize_dtype(value.tensor.dtype)
    if not dtype.is_float or dtype.numpy in (found, "float32"):
        return value
    cast = keras.ops.cast(value.tensor, dtype.numpy)
    return Value(value.type, {value.arrangement: cast}, value.flattened_from)


def _symbolic(value: Value, anchor: Tensor) -> Value:
    """A value that depends on an input. So a layer takes it, which Keras would run at once on
    numbers alone, keeping the result instead of the layer; and so a model gives it."""
    if isinstance(value.tensor, keras.KerasTensor):
        return value
    tensor = value.plain()
    corner = anchor[(slice(0, 1),) * len(anchor.shape)]
    nothing = keras.ops.sum(keras.ops.zeros_like(corner, dtype="int32"))
    if keras.backend.standardize_dtype(tensor.dtype) == "bool":
        return values.plain(value.type, keras.ops.logical_or(tensor, nothing > 0))
    nothing = keras.ops.cast(nothing, tensor.dtype)  # the tensor of JAX adds no symbol by itself
    return values.plain(value.type, keras.ops.add(tensor, nothing))


def _constant(node: Node, type: TensorType) -> Value:
    array = vocabulary().of(TensorKind, node.word).compute(np, node.arguments)
    return values.plain(type, keras.ops.convert_to_tensor(array))


def _with_values(node: Node, flowing: dict[ValueRef, Value], anchor: Tensor) -> Arguments:
    """An op's arguments with values in the place of references. On JAX, next to one that depends on
    an input all do: its arrays refuse to meet a symbol."""
    met = {ref: flowing[ref] for ref in node.inputs}
    symbols = any(isinstance(value.tensor, keras.KerasTensor) for value in met.values())
    if symbols and keras.backend.backend() == "jax":
        met = {ref: _symbolic(value, anchor) for ref, value in met.items()}

    return node.arguments.map(lambda leaf: met[leaf] if isinstance(leaf, ValueRef) else leaf)


def _output(value: Value, data_format: str) -> object:
    if data_format == "channels_last" and value.type.rank >= 4:
        return value.channels_last()
    return value.plain()


def _all_storages(network: Network, builder: KerasBuilder) -> dict[str, VariableStorage]:
    """Parameters of cells that ``construct`` never calls get a variable of their own."""
    return {
        spec.name: builder.storages.get(spec.name) or _spare(spec) for spec in network.parameters
    }


def _spare(spec: ParameterSpec) -> VariableStorage:
    variable = keras.Variable(
        keras.ops.zeros(spec.shape, spec.dtype.numpy), trainable=spec.trainable, name=spec.name
    )
    return VariableStorage(spec.shape, spec.dtype, variable, idle=True)
