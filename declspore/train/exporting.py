"""``export``: a network as a file for other runtimes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from declspore.eager.cell import Cell
from declspore.eager.program import compiled
from declspore.exports.export import export as write_export
from declspore.exports.format import Exportable, export_formats
from declspore.exports.refusing import check_export
from declspore.lower.binding import binding_of
from declspore.porting.names import Unsupported
from declspore.report import Sink
from declspore.tensor import Tensor

_ABSENT = ("MINDIR", "AIR")


def export(
    net: object, *inputs: object, file_name: str, file_format: str, **settings: object
) -> None:
    """Write a network for inference (mindspore.export), proved in its own runtime.

    ``net`` is an ``nn.Cell``, for which ``inputs`` are tensors it is to be called with, or a model
    compiled from a spec. ``file_format`` is ONNX, as MindSpore has it, or KERAS, TFLITE or
    SAVED_MODEL; its suffix is added to ``file_name`` where it is missing. The size of the batch
    stays free.

    Raises Unsupported for MINDIR and AIR and for settings about them, TypeError and ValueError for
    wrong arguments, DiagnosticError where the format does not have something of the network.
    """
    known = {each.mindspore: each for each in export_formats().values() if each.mindspore}
    names = ", ".join(sorted(known))
    if file_format in _ABSENT:
        raise Unsupported(
            f"export(file_format={file_format!r})",
            f"{file_format} files are not written; there are {names}",
        )
    if file_format not in known:
        raise ValueError(f"file_format must be one of {names}, not {file_format!r}")
    if settings:
        raise Unsupported(f"export({', '.join(settings)})", "they are about MindIR files")
    format_ = known[file_format]
    path = file_name if file_name.endswith(format_.suffix) else f"{file_name}{format_.suffix}"
    model = _model(net, inputs)
    binding = binding_of(model)
    if binding is None:
        raise TypeError("net must be an nn.Cell, or a model compiled from a spec")
    sink = Sink()
    check_export(format_, binding.network, None, sink)
    sink.raise_errors()
    write_export(format_, Exportable(binding.network, model), path)


def _model(net: object, inputs: Sequence[object]) -> Any:
    if not isinstance(net, Cell):
        return net
    if not inputs:
        raise TypeError("export needs inputs, such as export(net, Tensor(images), ...)")
    given = [each if isinstance(each, Tensor) else Tensor(np.asarray(each)) for each in inputs]
    return compiled(net, given).model
