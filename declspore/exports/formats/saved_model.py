"""SavedModel, which TensorFlow and TensorFlow Serving run; a folder."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from declspore.exports.format import Exportable, ExportFormat, Runtime, arranged, drawn
from declspore.exports.preparing import Preparation
from declspore.ir.tensors import Array, Tensor


def write(exportable: Exportable, path: str) -> None:
    import tensorflow as tf

    module, function = served(exportable)
    tf.saved_model.save(module, path, signatures={"serving_default": function})


def served(exportable: Exportable) -> tuple[object, Callable[..., object]]:
    """A module with the model's variables, and its function of named inputs to named outputs."""
    import tensorflow as tf

    model, prepare = exportable.model, exportable.preparation
    specs = [
        tf.TensorSpec(tensor.shape, tensor.dtype, name=entry.name)
        for tensor, entry in zip(model.inputs, exportable.network.inputs, strict=True)
    ]
    if prepare is not None:
        sizes = [size if isinstance(size, int) else None for size in prepare.entry.type.shape]
        dtype = tf.string if prepare.takes_files else prepare.entry.type.dtype.numpy
        specs = [tf.TensorSpec(sizes, dtype, name=prepare.entry.name)]

    def answer(*inputs: Tensor) -> dict[str, Tensor]:
        if prepare is not None:
            given = [prepare.apply(tf, *inputs)]
            inputs = tuple(arranged(exportable, given, tf.experimental.numpy))
        found = model(list(inputs) if len(inputs) > 1 else inputs[0], training=False)
        several = found if isinstance(found, list | tuple) else [found]
        return dict(zip(exportable.output_names, several, strict=True))

    module = tf.Module()
    module.variables_of_model = [variable.value for variable in model.variables]
    module.serve = tf.function(answer, input_signature=specs)
    return module, module.serve


def prepared(preparation: Preparation, inputs: Sequence[Array]) -> list[Array]:
    """The inputs of the network, of those of a file that prepares them."""
    import numpy as np
    import tensorflow as tf

    return [np.asarray(preparation.apply(tf, tf.constant(value))) for value in inputs]


def apart(preparation: Preparation, items: Sequence[Array | bytes]) -> float:
    """How far what a file makes of pictures is from what the dataset makes of them."""
    import tensorflow as tf

    return preparation.apart(tf, items)


def open_file(path: str, exportable: Exportable) -> Runtime:
    import tensorflow as tf

    loaded = tf.saved_model.load(path)
    signature = loaded.signatures["serving_default"]
    names = [entry.name for entry in exportable.inputs]

    def run(inputs: Sequence[Array]) -> Sequence[Array]:
        given = {name: tf.constant(value) for name, value in zip(names, inputs, strict=True)}
        found = signature(**given)
        return [found[name].numpy() for name in exportable.output_names]

    run.kept = loaded  # type: ignore[attr-defined] # the signature does not keep it alive
    return run


FORMAT = ExportFormat(
    suffix="/",
    mindspore="SAVED_MODEL",
    title="a SavedModel",
    write="declspore.exports.formats.saved_model:write",
    open="declspore.exports.formats.saved_model:open_file",
    refusals=drawn,
    of_tensorflow=True,
)
