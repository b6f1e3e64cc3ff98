"""Parameters that begin to be trained in the middle of a training."""

from __future__ import annotations

from declspore.dataclass import dataclass
from declspore.ir.pattern import Pattern
from declspore.ir.term import Arguments
from declspore.ir.timeline import Interval
from declspore.registry.groups import Paths
from declspore.registry.kind import Misfit
from declspore.registry.policy import Policy, PolicyKind, Run, Setting, State
from declspore.registry.signature import Argument, signature
from declspore.registry.types import IntervalType


@dataclass(frozen=True)
class Unfreeze(Policy):
    """Holds parameters until so many epochs or steps are done. The optimizer has their state from
    the start, as they have when it begins; no gradient of them is computed before."""

    paths: tuple[Pattern, ...]
    after: Interval

    def next_pause(self, state: State, run: Run) -> int | None:
        first = self.after.next_step(0)
        return first if first is not None and run.step < first else None

    def holds(self, parameter: str, run: Run) -> bool:
        if self.after.unit == "epoch":
            waits = run.epoch <= self.after.amount
        else:
            waits = run.step < self.after.amount
        return waits and any(path.match(parameter) is not None for path in self.paths)


def _check(a: Arguments, setting: Setting) -> None:
    for path in a.params:
        if not any(path.match(name) is not None for name in setting.frozen):
            raise Misfit(
                f"`freeze` names no parameter that {path} matches",
                f"freeze = [{path}] freezes them at first",
            )


KINDS = (
    PolicyKind(
        name="Unfreeze",
        signature=signature(
            Argument("params", Paths(), help="which of the parameters that `freeze` names"),
            Argument("after", IntervalType(), help="how long they stay as they are"),
        ),
        summary="Parameters that `freeze` names are trained once so many epochs or steps are done. "
        "The optimizer keeps state for them from the start.",
        example="Unfreeze(`layer4.**`, after = 5 epochs)",
        make=lambda a: Unfreeze(a.params, a.after),
        freed=lambda a: a.params,
        begins=lambda a, steps_per_epoch: a.after.steps(steps_per_epoch) + 1,
        check=_check,
    ),
)
