"""Checkpoints into models, and models into checkpoints."""

from __future__ import annotations

from collections.abc import Mapping

import keras

from declspore.check.result import Load
from declspore.checkpoint.reader import Checkpoint
from declspore.checkpoint.writer import Computed, write_checkpoint
from declspore.ir.header import HeaderEntry
from declspore.lower.binding import binding_of
from declspore.lower.optimizer import Optimizer
from declspore.plan.bind import bind
from declspore.report import Sink
from declspore.tensor import Parameter


def training_parameters(model: keras.Model, optimizer: Optimizer) -> dict[str, Parameter]:
    """What a training checkpoint holds, in MindSpore's order: trained parameters as the optimizer
    has them, the other parameters, the optimizer's state."""
    binding = binding_of(model)
    assert binding is not None
    trained = {parameter.name: parameter for parameter in optimizer.parameters}
    others = {p.name: p for p in binding.parameters if p.name not in trained}
    return {**trained, **others, **optimizer.state()}


def load_exactly(parameters: Mapping[str, Parameter], path: str, load: Load) -> None:
    """Read the values of parameters from a file, bound exactly as ``load`` states.

    Raises DiagnosticError where the file does not bind.
    """
    sink = Sink()
    with Checkpoint(path) as checkpoint:
        wanted = [HeaderEntry.of(p.name, p.dtype, p.shape) for p in parameters.values()]
        bound = bind(
            wanted, checkpoint.header, sink, ignore=load.ignore, fresh=load.fresh, span=load.span
        )
        sink.raise_errors()
        assert bound is not None
        for name in bound.matched:
            parameters[name].storage.write(checkpoint.array(name))


def save_parameters(path: str, parameters: Mapping[str, Parameter]) -> int:
    """Write parameters to a checkpoint, in their order."""
    return write_checkpoint(path, (Computed(name, p.asnumpy) for name, p in parameters.items()))
