"""Keras models of Keras's own layers alone."""

from __future__ import annotations

from collections.abc import Iterable

from declspore.exports.format import Exportable, ExportFormat, Refusal, Runtime, drawn
from declspore.ir.network import Network
from declspore.registry.cell import CellKind
from declspore.registry.op import OpKind
from declspore.registry.table import vocabulary


def _refusals(network: Network) -> Iterable[Refusal]:
    yield from drawn(network)
    inputs = [entry.type.shape for entry in network.inputs]
    for node in network.nodes:
        kind = vocabulary().get(node.word)
        if not isinstance(kind, CellKind | OpKind) or kind.beyond_keras is None:
            continue
        given, made = (network.type_of(ref) for ref in (node.inputs[0], node.outputs[0]))
        reason = kind.beyond_keras(given, made, inputs)
        if reason is not None:
            yield Refusal(reason, node)


def write(exportable: Exportable, path: str) -> None:
    from declspore.lower.plain import plain_keras

    plain_keras(exportable.model).save(path)


def open_file(path: str, exportable: Exportable) -> Runtime:
    import keras

    from declspore.exports.keras_runtime import runtime_of

    return runtime_of(keras.models.load_model(path))


FORMAT = ExportFormat(
    suffix=".keras",
    mindspore="KERAS",
    title="a Keras model of Keras's own layers",
    write="declspore.exports.formats.keras:write",
    open="declspore.exports.formats.keras:open_file",
    refusals=_refusals,
)
