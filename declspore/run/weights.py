"""Weights of Keras for a network of a spec: ``.weights.h5`` and back."""

from __future__ import annotations

import math
import os
import re
import shutil
import tempfile
import warnings
from collections.abc import Callable

import keras

from declspore.checkpoint.atomic import replacing
from declspore.checkpoint.errors import unwritable
from declspore.checkpoint.format import Format
from declspore.checkpoint.reader import Access, Checkpoint
from declspore.checkpoint.writer import write_checkpoint
from declspore.ir.header import HeaderEntry
from declspore.ir.network import Network
from declspore.ir.pattern import regex_pattern
from declspore.lower.binding import ModelBinding, binding_of
from declspore.lower.network import compile_network
from declspore.plan.bind import bind
from declspore.plan.roles import role
from declspore.report import Sink
from declspore.run import errors
from declspore.run.h5 import SUFFIX, check_h5
from declspore.training.checkpoint import pieces_of

_WIDEST = 16
"""Bytes of the widest number: Keras may have saved a parameter in another type."""
_LINES, _LONG = 12, 400
"""How much is shown of what Keras says."""


def write_weights(path: str, checkpoint: Checkpoint, network: Network) -> tuple[int, list[str]]:
    """Write the weights file of the compiled network with the values of a checkpoint.

    The checkpoint must bind exactly; only an optimizer's state may stay unused. Returns the size
    of the file and the names of what stayed unused. Raises DiagnosticError.
    """
    model = compile_network(network)
    unused = fill(model, checkpoint)
    permissions = checkpoint.storage.permissions
    return _replace(path, SUFFIX, model.save_weights, permissions), unused


def read_weights(path: str, network: Network, output: str, format: Format, access: Access) -> int:
    """Write a checkpoint with the values of a weights file that the compiled network saved, or
    that Keras 2 did for a model of the same layers.

    Returns its size. Raises DiagnosticError.
    """
    sizes = (math.prod(p.shape) * _WIDEST for p in network.parameters)
    check_h5(path, max(sizes, default=0))
    model = compile_network(network)
    try:
        with warnings.catch_warnings(action="ignore"):
            _load(model, path)
    except Exception as error:  # whatever h5py and Keras raise for a file that does not fit
        title, *more = _why(error)
        reason = f"the network cannot load it: {title}"
        raise errors.no_weights(path, reason, "\n".join(more)) from None
    pieces = pieces_of({p.name: p for p in _binding(model).parameters})
    return write_checkpoint(output, pieces, format=format, access=access)


def _load(model: keras.Model, path: str) -> None:
    """Load weights as the version of Keras that wrote them laid them out."""
    older = _older_layers(path)
    if older is None:
        model.load_weights(path)
        return
    # layers are found by their names where those are the network's, else in their order
    own = {layer.name for layer in model.layers if layer.weights}
    with tempfile.TemporaryDirectory() as folder:
        named = os.path.join(folder, "weights.h5")  # Keras knows the layout by the ending alone
        os.symlink(os.path.abspath(path), named)
        model.load_weights(named, **({"by_name": True} if own == older else {}))


def _older_layers(path: str) -> set[str] | None:
    """The layers with weights in a file of Keras 2, of weights or of a whole model; None for a file
    of Keras 3."""
    import h5py

    with h5py.File(path, "r") as file:
        root = file.get("model_weights", file)
        if "layer_names" not in root.attrs:
            return None
        names = [_text(name) for name in root.attrs["layer_names"]]
        return {name for name in names if len(root[name].attrs["weight_names"])}


def _text(name: object) -> str:
    return name.decode() if isinstance(name, bytes) else str(name)


_OTHER_SHAPE = re.compile(
    r"for object <\w+ name=([^,]+),.*?variable\.shape=(\([^)]*\)).*?value\.shape=(\([^)]*\))", re.S
)


def _why(error: Exception) -> list[str]:
    """What Keras says of weights, line by line, without the values it prints with it."""
    message = str(error).strip()
    if found := _OTHER_SHAPE.search(message):
        layer, wanted, given = found.groups()
        return [f"{layer} has {wanted} where the file has {given}"]
    lines = [line.strip() for line in message.splitlines() if line.strip()]
    return [line if len(line) <= _LONG else f"{line[:_LONG]} ..." for line in lines[:_LINES]] or [
        type(error).__name__
    ]


def fill(model: object, checkpoint: Checkpoint) -> list[str]:
    """Give the parameters of a model the values of a checkpoint, which must bind exactly; the names
    of an optimizer's state, which it leaves unused. Raises DiagnosticError."""
    binding = _binding(model)
    unused = _bind(checkpoint, binding)
    for parameter in binding.parameters:
        parameter.storage.write(checkpoint.array(parameter.name))
    return unused


def _replace(path: str, suffix: str, save: Callable[[str], object], permissions: int) -> int:
    """Let Keras write a file, which then takes the place of ``path`` all at once; its size."""
    with tempfile.TemporaryDirectory() as folder:
        made = os.path.join(folder, f"made{suffix}")
        try:
            save(made)
        except (OSError, RuntimeError) as error:  # h5py raises either when the disk is full
            number = getattr(error, "errno", None)
            reason = os.strerror(number) if number else str(error).strip().splitlines()[0]
            raise unwritable(path, f"{reason}, in {tempfile.gettempdir()}") from None
        with open(made, "rb") as source, replacing(path, permissions=permissions) as target:
            shutil.copyfileobj(source, target, 1 << 20)
        return os.path.getsize(made)


def _bind(checkpoint: Checkpoint, binding: ModelBinding) -> list[str]:
    """Names of an optimizer's state, which weights have no place for; all else binds exactly."""
    header = checkpoint.header
    state = [
        entry.name
        for entry in header
        if entry.name not in binding and role(entry, header) in ("slot", "scalar")
    ]
    wanted = [HeaderEntry.of(p.name, p.dtype, p.shape) for p in binding.parameters]
    sink = Sink()
    bind(wanted, header, sink, ignore=[regex_pattern(re.escape(name)) for name in state])
    sink.raise_errors()
    return state


def _binding(model: object) -> ModelBinding:
    binding = binding_of(model)
    assert binding is not None
    return binding
