"""The end of a training that has taken long enough."""

from __future__ import annotations

from typing import ClassVar

from declspore.dataclass import dataclass
from declspore.ir.term import Arguments
from declspore.ir.timeline import Interval
from declspore.registry.kind import Misfit
from declspore.registry.policy import Phase, Policy, PolicyKind, Run, Setting, State
from declspore.registry.signature import Argument, signature
from declspore.registry.types import IntervalType


@dataclass(frozen=True)
class TimeLimit(Policy):
    """Stops after the first step at which the training has taken ``limit``, pauses between an
    interruption and its continuation left out."""

    limit: Interval

    phase: ClassVar[Phase] = Phase.DECIDE

    def after_steps(self, state: State, run: Run) -> State:
        if run.seconds >= self.limit.amount:
            run.stop(f"it has taken {self.limit}")
        return state


def _check(a: Arguments, setting: Setting) -> None:
    if not a.limit.is_time:
        raise Misfit(f"expected a time, found {a.limit}; `length` counts epochs and steps", "2 h")


KINDS = (
    PolicyKind(
        name="TimeLimit",
        signature=signature(
            Argument("limit", IntervalType(times=True), help="how long the training may take"),
        ),
        summary="Stops the training after the first step at which that time is over. What it "
        "took before an interruption counts, the pause does not.",
        example="TimeLimit(2 h)",
        make=lambda a: TimeLimit(a.limit),
        stops=True,
        check=_check,
    ),
)
