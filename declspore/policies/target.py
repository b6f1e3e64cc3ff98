"""The end of a training that is good enough."""

from __future__ import annotations

from typing import ClassVar

from declspore.dataclass import dataclass
from declspore.numerics.monitor import Monitor
from declspore.registry.policy import Phase, Policy, PolicyKind, Run, State
from declspore.registry.signature import Argument, signature
from declspore.registry.types import Choice, Number, Text


@dataclass(frozen=True)
class Target(Policy):
    """Stops once a figure is ``value`` or better. The loss, that of the last step, is judged at the
    end of an epoch, as by ``EarlyStopping``."""

    monitor: Monitor
    value: float

    phase: ClassVar[Phase] = Phase.DECIDE

    def after_steps(self, state: State, run: Run) -> State:
        return self._judged(state, run, run.figures.get(self.monitor.figure))

    def after_epoch(self, state: State, run: Run) -> State:
        if self.monitor.figure == "loss" and run.losses:
            return self._judged(state, run, run.losses[-1])
        return self._judged(state, run, run.figures.get(self.monitor.figure))

    def _judged(self, state: State, run: Run, figure: float | None) -> State:
        if figure is not None and (
            figure <= self.value if self.monitor.wants_less else figure >= self.value
        ):
            name = self.monitor.figure
            run.stop(f"{name} is {figure:g}, the target was {self.value:g}")
        return state


KINDS = (
    PolicyKind(
        name="Target",
        signature=signature(
            Argument("monitor", Text(), help="the figure; `loss` is the last step's"),
            Argument("value", Number(), help="what it must reach"),
            Argument("mode", Choice(("auto", "min", "max")), "auto", "which way is better"),
        ),
        summary="Stops the training once a figure is `value` or better. Less is better for losses, "
        "errors and distances, more for all other figures.",
        example='Target("accuracy", 0.98)',
        make=lambda a: Target(Monitor(a.monitor, a.mode), a.value),
        stops=True,
        check=lambda a, setting: setting.require_figure(a.monitor),
    ),
)
