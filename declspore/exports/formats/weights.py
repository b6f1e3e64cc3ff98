"""The weights of the compiled network, which Keras loads into it."""

from __future__ import annotations

import warnings

from declspore.exports.format import Exportable, ExportFormat, Runtime
from declspore.run.h5 import SUFFIX


def write(exportable: Exportable, path: str) -> None:
    exportable.model.save_weights(path)


def open_file(path: str, exportable: Exportable) -> Runtime:
    from declspore.lower.network import compile_network

    model = compile_network(exportable.network, data_format=exportable.data_format, seed=1)
    with warnings.catch_warnings(action="ignore"):
        model.load_weights(path)
    from declspore.exports.keras_runtime import runtime_of

    return runtime_of(model)


FORMAT = ExportFormat(
    suffix=SUFFIX,
    title="Keras weights of the compiled network",
    write="declspore.exports.formats.weights:write",
    open="declspore.exports.formats.weights:open_file",
)
