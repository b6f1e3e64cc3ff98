"""Checkpoints into models."""

from __future__ import annotations

from collections.abc import Mapping

from declspore.plan.loading import PlannedLoad
from declspore.run.planned import open_planned
from declspore.tensor import Parameter


def load_planned(parameters: Mapping[str, Parameter], load: PlannedLoad) -> None:
    """Read the values of parameters from a checkpoint, bound as planned.

    Raises DiagnosticError where the file is not the one that was planned.
    """
    with open_planned(load.known) as checkpoint:
        for name in load.bind.matched:
            parameters[name].storage.write(checkpoint.array(name))
