"""The file of a graph, with the values of its parameters."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib.metadata import version

import onnx
from onnx import helper, numpy_helper

from declspore.exports.onnx.graph import OPSET, Made, OnnxGraph
from declspore.ir.shape import TensorType
from declspore.ir.tensors import Array

_IR_VERSION = 8
"""The oldest format that has operator set 18, so that older runtimes read the file."""

Metadata = Mapping[str, str]


def model_of(
    graph: OnnxGraph, values: Callable[[str], Array], metadata: Metadata
) -> onnx.ModelProto:
    """The ONNX model: inputs and outputs with their types, parameters under MindSpore's names.

    ``values(name)`` is the array of a parameter, in MindSpore's layout.
    """
    network = graph.network
    inputs = [_described(entry.name, entry.type) for entry in network.inputs]
    types = [network.type_of(ref) for ref in network.outputs]
    outputs = [_described(*pair) for pair in zip(graph.outputs, types, strict=True)]
    kept = [numpy_helper.from_array(values(name), name) for name in graph.parameters]
    kept += [numpy_helper.from_array(array, name) for name, array in graph.constants.items()]
    nodes = [_node(made) for made in graph.nodes]
    whole = helper.make_graph(nodes, network.name, inputs, outputs, initializer=kept)
    model = helper.make_model(
        whole,
        opset_imports=[helper.make_opsetid("", OPSET)],
        ir_version=_IR_VERSION,
        producer_name="declspore",
        producer_version=version("declspore"),
    )
    helper.set_model_props(model, dict(metadata))
    return model


def _described(name: str, type: TensorType) -> onnx.ValueInfoProto:
    """An input or output; free sizes have the names of the spec."""
    shape = [dim if isinstance(dim, int) else str(dim) for dim in type.shape]
    return helper.make_tensor_value_info(name, _element(type.dtype.numpy), shape)


def _node(made: Made) -> onnx.NodeProto:
    attributes = dict(made.attributes)
    if made.operator == "Cast":
        attributes["to"] = _element(str(attributes["to"]))
    return helper.make_node(made.operator, made.inputs, made.outputs, made.name, **attributes)


def _element(dtype: str) -> int:
    found: int = onnx.TensorProto.DataType.Value(_NAMES.get(dtype, dtype.upper()))
    return found


_NAMES = {"float32": "FLOAT", "float64": "DOUBLE"}
