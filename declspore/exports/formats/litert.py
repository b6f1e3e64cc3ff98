"""LiteRT (TensorFlow Lite), for devices."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from declspore.exports.format import PRECISIONS, Exportable, ExportFormat, Refusal, Runtime, drawn
from declspore.ir.network import Network
from declspore.ir.tensors import Array, Ops
from declspore.registry.builder import Layer
from declspore.registry.cell import CellKind
from declspore.registry.table import vocabulary

_MOST_STEPS = 256
"""Each is nodes of its own."""


def _refusals(network: Network) -> Iterable[Refusal]:
    """A loop over a sequence runs over lists of tensors, which LiteRT does not have: it is written
    step by step, where the length is known."""
    yield from drawn(network)
    for node in network.nodes:
        kind = vocabulary().get(node.word)
        if not isinstance(kind, CellKind) or kind.loops_over is None:
            continue
        length = network.type_of(node.inputs[0]).shape[kind.loops_over(node.arguments)]
        if not isinstance(length, int):
            reason = f"`{node.word}` runs over {length} steps: LiteRT needs a length that is known"
            yield Refusal(reason, node)
        elif length > _MOST_STEPS:
            reason = f"`{node.word}` runs over {length} steps: LiteRT takes {_MOST_STEPS} at most"
            yield Refusal(reason, node)


@contextmanager
def _step_by_step(model: Layer) -> Iterator[None]:
    """Recurrent layers without loops meanwhile."""
    import keras

    layers = [each for each in model.layers if isinstance(each, keras.layers.RNN)]
    for layer in layers:
        layer.unroll = True
    try:
        yield
    finally:
        for layer in layers:
            layer.unroll = False


def write(exportable: Exportable, path: str) -> None:
    """Raises the converter's errors."""
    import tensorflow as tf

    from declspore.exports.formats.saved_model import served

    module, function = served(exportable)
    with tempfile.TemporaryDirectory() as folder:
        saved = os.path.join(folder, "saved")
        with _step_by_step(exportable.model):
            tf.saved_model.save(module, saved, signatures={"serving_default": function})
        converter = tf.lite.TFLiteConverter.from_saved_model(saved)
        _set_precision(tf, converter, exportable)
        data = converter.convert()
    with open(path, "wb") as file:
        file.write(data)


def _set_precision(tf: Ops, converter: Any, exportable: Exportable) -> None:
    if exportable.precision == "float32":
        return
    converter.optimizations = [tf.lite.Optimize.DEFAULT]
    if exportable.precision == "float16":
        converter.target_spec.supported_types = [tf.float16]
        return
    samples, names = exportable.samples, [entry.name for entry in exportable.inputs]
    assert samples is not None

    def representative() -> Iterable[dict[str, Array]]:
        for batch in samples():
            for index in range(len(batch[0])):
                parts = [value[index : index + 1] for value in batch]
                yield dict(zip(names, parts, strict=True))

    converter.representative_dataset = representative
    converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]


def open_file(path: str, exportable: Exportable) -> Runtime:
    from ai_edge_litert.interpreter import Interpreter

    interpreter = Interpreter(model_path=path)
    runner = interpreter.get_signature_runner("serving_default")
    names = [entry.name for entry in exportable.inputs]

    def run(inputs: Sequence[Array]) -> Sequence[Array]:
        found = runner(**dict(zip(names, inputs, strict=True)))
        return [found[name] for name in exportable.output_names]

    return run


FORMAT = ExportFormat(
    suffix=".tflite",
    mindspore="TFLITE",
    title="LiteRT",
    write="declspore.exports.formats.litert:write",
    open="declspore.exports.formats.litert:open_file",
    modules=("ai_edge_litert",),
    extra="litert",
    refusals=_refusals,
    precisions=PRECISIONS,
    of_tensorflow=True,
    on_devices=True,
)
