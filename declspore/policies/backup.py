"""The state of a training between its checkpoints."""

from __future__ import annotations

from typing import ClassVar

from declspore.dataclass import dataclass
from declspore.ir.timeline import Interval
from declspore.registry.policy import Phase, Policy, PolicyKind, Run, State
from declspore.registry.signature import Argument, signature
from declspore.registry.types import IntervalType


@dataclass(frozen=True)
class Backup(Policy):
    """Writes the state from which an interrupted training continues, without a checkpoint."""

    every: Interval

    phase: ClassVar[Phase] = Phase.SAVE

    def start(self) -> State:
        return {"at": 0.0}

    def next_pause(self, state: State, run: Run) -> int | None:
        return self.every.next_step(run.step)

    def after_steps(self, state: State, run: Run) -> State:
        if self.every.on_step(run.step):
            run.back_up()
        elif self.every.is_time and run.seconds - state["at"] >= self.every.amount:
            run.back_up()
            return {"at": run.seconds}
        return state

    def after_epoch(self, state: State, run: Run) -> State:
        if run.epoch_is_complete and self.every.on_epoch(run.epoch):
            run.back_up()
        return state


KINDS = (
    PolicyKind(
        name="Backup",
        signature=signature(Argument("every", IntervalType(times=True), help="how often")),
        summary="Writes the state from which the same command continues after an interruption, "
        "more often than checkpoints are saved.",
        example="Backup(10 min)",
        make=lambda a: Backup(a.every),
    ),
)
