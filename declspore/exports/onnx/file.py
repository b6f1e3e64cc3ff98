"""ONNX files: written from the network, opened by ONNX Runtime."""

from __future__ import annotations

from collections.abc import Sequence

import onnx
import onnxruntime

from declspore.exports.format import Exportable, Runtime
from declspore.exports.onnx.graph import WithoutForm
from declspore.exports.onnx.model import model_of
from declspore.exports.onnx.network import graph_of
from declspore.ir.tensors import Array
from declspore.lower.binding import binding_of


def write(exportable: Exportable, path: str) -> None:
    """Raises WithoutForm where the network has no ONNX form, onnx's errors where the file would
    not be valid."""
    graph, refused = graph_of(exportable.network)
    if refused:
        raise WithoutForm(refused[0].reason)
    binding = binding_of(exportable.model)
    assert binding is not None
    model = model_of(graph, lambda name: binding[name].read(), exportable.metadata)
    onnx.checker.check_model(model, full_check=True)
    onnx.save_model(model, path)


def open_file(path: str, exportable: Exportable) -> Runtime:
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    names = [entry.name for entry in exportable.network.inputs]

    def run(inputs: Sequence[Array]) -> Sequence[Array]:
        found: Sequence[Array] = session.run(None, dict(zip(names, inputs, strict=True)))
        return found

    return run
