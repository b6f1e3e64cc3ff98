"""Checkpoints into models, and models into checkpoints."""

from __future__ import annotations

from collections.abc import Mapping

import keras

from declspore.checkpoint.format import Computed
from declspore.checkpoint.writer import write_checkpoint
from declspore.ir.header import HeaderEntry
from declspore.lower.binding import binding_of
from declspore.lower.optimizer import Optimizer
from declspore.plan.loading import PlannedLoad
from declspore.run.planned import open_planned
from declspore.tensor import Parameter


def training_parameters(model: keras.Model, optimizer: Optimizer) -> dict[str, Parameter]:
    """What a training checkpoint holds, in MindSpore's order: trained parameters as the optimizer
    has them, the other parameters, the optimizer's state."""
    binding = binding_of(model)
    assert binding is not None
    trained = {parameter.name: parameter for parameter in optimizer.parameters}
    others = {p.name: p for p in binding.parameters if p.name not in trained}
    return {**trained, **others, **optimizer.state()}


def load_planned(parameters: Mapping[str, Parameter], load: PlannedLoad) -> None:
    """Read the values of parameters from a checkpoint, bound as planned.

    Raises DiagnosticError where the file is not the one that was planned.
    """
    with open_planned(load.known) as checkpoint:
        for name in load.bind.matched:
            parameters[name].storage.write(checkpoint.array(name))


def save_parameters(path: str, parameters: Mapping[str, Parameter]) -> int:
    """Write parameters to a checkpoint, in their order."""
    return write_checkpoint(path, pieces_of(parameters))


def pieces_of(parameters: Mapping[str, Parameter]) -> list[Computed]:
    """Parameters as values to write, each read when its turn comes."""
    return [
        Computed(HeaderEntry.of(name, p.dtype, p.shape), p.asnumpy)
        for name, p in parameters.items()
    ]
