"""The weights of the compiled network, which Keras loads into it."""

from __future__ import annotations

import warnings
from collections.abc import Sequence

from declspore.exports.format import Exportable, ExportFormat, Runtime
from declspore.ir.tensors import Array
from declspore.run.h5 import SUFFIX


def write(exportable: Exportable, path: str) -> None:
    exportable.model.save_weights(path)


def open_file(path: str, exportable: Exportable) -> Runtime:
    import keras

    from declspore.lower.network import compile_network

    model = compile_network(exportable.network, data_format=exportable.data_format, seed=1)
    with warnings.catch_warnings(action="ignore"):
        model.load_weights(path)

    def run(inputs: Sequence[Array]) -> Sequence[Array]:
        found = model(list(inputs) if len(inputs) > 1 else inputs[0], training=False)
        several = found if isinstance(found, list | tuple) else [found]
        return [keras.ops.convert_to_numpy(one) for one in several]

    return run


FORMAT = ExportFormat(
    suffix=SUFFIX,
    title="Keras weights of the compiled network",
    write="declspore.exports.formats.weights:write",
    open="declspore.exports.formats.weights:open_file",
)
