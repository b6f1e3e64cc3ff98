"""What a format of exports is, and how formats are found."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import field
from functools import cache
from typing import Any, Protocol

from declspore.dataclass import dataclass
from declspore.exports.preparing import Preparation
from declspore.ir.network import Input, Network, Node
from declspore.ir.tensors import Array, Ops, T
from declspore.plan.task import imported
from declspore.registry.builder import Layer
from declspore.registry.cell import CellKind
from declspore.registry.op import OpKind
from declspore.registry.table import vocabulary

PRECISIONS = ("float32", "float16", "int8")


@dataclass(frozen=True)
class Refusal:
    """Why a network cannot be in a format: at a node, or as a whole."""

    reason: str
    node: Node | None = None


@dataclass(frozen=True)
class Exportable:
    """What a format writes: a network with its values.

    ``model`` is the compiled network, whose images enter and leave as ``data_format`` says;
    ``precision`` that of the file; ``samples`` gives batches of inputs to measure ranges with,
    where the precision needs them. With a ``preparation``, its input enters in place of the
    network's.
    """

    network: Network
    model: Layer
    data_format: str = "channels_first"
    precision: str = "float32"
    samples: Callable[[], Iterable[Sequence[Array]]] | None = None
    metadata: Mapping[str, str] = field(default_factory=dict)
    preparation: Preparation | None = None

    @property
    def inputs(self) -> tuple[Input, ...]:
        """What enters the file."""
        return self.network.inputs if self.preparation is None else (self.preparation.entry,)

    @property
    def output_names(self) -> tuple[str, ...]:
        count = len(self.network.outputs)
        return ("output",) if count == 1 else tuple(f"output_{place}" for place in range(count))


class Runtime(Protocol):
    """A file as its own runtime opened it: arrays of the inputs, in order, to those of the
    outputs."""

    def __call__(self, inputs: Sequence[Array]) -> Sequence[Array]: ...


def _takes_all(network: Network) -> Iterable[Refusal]:
    return ()


@dataclass(frozen=True)
class ExportFormat:
    """A format of exports.

    ``suffix`` is how its paths end, ``/`` for a folder; ``module`` a package it needs in addition,
    which the extra of declspore of that name installs. ``refusals(network)`` says from the network
    alone what the format does not have. ``write`` and ``open`` name functions as
    ``"package.module:function"``: ``write(exportable, path)`` and ``open(path, exportable)``, which
    gives the :class:`Runtime`. ``precisions`` are those it can write. ``of_tensorflow`` is whether
    it is written by TensorFlow, whatever other backend Keras may have; ``on_devices`` whether it
    has LiteRT's operations alone. ``mindspore`` is its name in Python's
    ``export(file_format=...)``.
    """

    suffix: str
    title: str
    write: str
    open: str
    modules: tuple[str, ...] = ()
    extra: str | None = None
    refusals: Callable[[Network], Iterable[Refusal]] = _takes_all
    precisions: tuple[str, ...] = ("float32",)
    data_formats: tuple[str, ...] = ("channels_first", "channels_last")
    of_tensorflow: bool = False
    on_devices: bool = False
    mindspore: str | None = None

    @property
    def is_folder(self) -> bool:
        return self.suffix == "/"

    def written(self, exportable: Exportable, path: str) -> None:
        """Write the file. Raises whatever the writer raises."""
        function: Any = imported(self.write)
        function(exportable, path)

    def opened(self, path: str, exportable: Exportable) -> Runtime:
        """Open a file in its own runtime. Raises whatever the runtime raises."""
        function: Any = imported(self.open)
        found: Runtime = function(path, exportable)
        return found


@cache
def export_formats() -> dict[str, ExportFormat]:
    """Every format by its suffix."""
    package = importlib.import_module("declspore.exports.formats")
    found = {}
    for info in pkgutil.iter_modules(package.__path__):
        module = importlib.import_module(f"{package.__name__}.{info.name}")
        format_: ExportFormat | None = getattr(module, "FORMAT", None)
        if format_ is not None:
            found[format_.suffix] = format_
    return found


def format_of(path: str) -> ExportFormat | None:
    """The format that the end of a path names."""
    return next(
        (format_ for suffix, format_ in export_formats().items() if path.endswith(suffix)), None
    )


def drawn(network: Network) -> Iterable[Refusal]:
    """A refusal for each node that draws random numbers in eval: no two runs of a file agree."""
    for node in network.nodes:
        kind = vocabulary().get(node.word)
        if isinstance(kind, CellKind | OpKind) and kind.draws:
            reason = f"`{node.word}` draws random numbers, so that a file cannot be proved"
            yield Refusal(reason, node)


def arranged(exportable: Exportable, inputs: Sequence[T], arrays: Ops | None = None) -> list[T]:
    """Inputs of the network as images enter; ``arrays`` is NumPy, or what has its functions."""
    if exportable.data_format == "channels_first":
        return list(inputs)
    if arrays is None:
        import numpy as np

        arrays = np
    return [arrays.moveaxis(x, 1, -1) if len(x.shape) >= 4 else x for x in inputs]
