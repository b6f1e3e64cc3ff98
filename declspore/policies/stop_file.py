"""The end of a training that a file asks for."""

from __future__ import annotations

import os
from contextlib import suppress
from typing import ClassVar

from declspore.dataclass import dataclass
from declspore.registry.policy import Phase, Policy, PolicyKind, Run, State
from declspore.registry.signature import Argument, signature
from declspore.registry.types import Text


@dataclass(frozen=True)
class StopFile(Policy):
    """Stops once a file exists, and deletes it, so that the next training is not stopped too."""

    path: str

    phase: ClassVar[Phase] = Phase.DECIDE

    def start(self) -> State:
        return {"asked": False}

    def after_steps(self, state: State, run: Run) -> State:
        if not os.path.exists(self.path):
            return state
        run.stop(f"{self.path} asked for it")
        return {"asked": True}

    def end(self, state: State, run: Run) -> State:
        if state["asked"]:
            with suppress(OSError):
                os.unlink(self.path)
        return state


KINDS = (
    PolicyKind(
        name="StopFile",
        signature=signature(
            Argument("path", Text(), help="the file, in the folder of the run or absolute")
        ),
        summary="Stops the training within about a second of the moment at which a file exists "
        "(`touch STOP`), or after a step that takes longer: its last checkpoint is saved, and "
        "other tasks continue. The file is deleted at the end.",
        example='StopFile("STOP")',
        make=lambda a: StopFile(a.path),
        stops=True,
    ),
)
