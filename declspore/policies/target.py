"""The end of a training that is good enough."""

from __future__ import annotations

from declspore.dataclass import dataclass
from declspore.numerics.judging import Judging
from declspore.numerics.monitor import Monitor
from declspore.registry.policy import PolicyKind, Run, State
from declspore.registry.signature import Argument, signature
from declspore.registry.types import Choice, Number, Text


@dataclass(frozen=True)
class Target(Judging):
    """Stops once a figure is ``value`` or better. The loss, that of the last step, is judged at the
    end of an epoch, as by ``EarlyStopping``."""

    monitor: Monitor
    value: float

    def judged(self, state: State, run: Run, figure: float) -> State:
        if figure <= self.value if self.monitor.wants_less else figure >= self.value:
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
