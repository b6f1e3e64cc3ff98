"""The end of a training that does not converge."""

from __future__ import annotations

from collections.abc import Iterable
from math import isfinite
from typing import ClassVar

from declspore.dataclass import dataclass
from declspore.numerics.monitor import Monitor
from declspore.registry.policy import Phase, Policy, PolicyKind, Run, State
from declspore.registry.signature import Argument, signature
from declspore.registry.types import Choice, Number, Optional, Text


@dataclass(frozen=True)
class Divergence(Policy):
    """Stops at a figure that is not finite, or worse than ``limit``; the loss is that of each step.

    Nothing is saved at that moment: the checkpoints before it are the result.
    """

    monitor: Monitor
    limit: float | None

    phase: ClassVar[Phase] = Phase.DECIDE

    def after_steps(self, state: State, run: Run) -> State:
        losses = run.losses if self.monitor.figure == "loss" else ()
        return self._judged(state, run, losses)

    def after_epoch(self, state: State, run: Run) -> State:
        return self._judged(state, run)

    def _judged(self, state: State, run: Run, losses: Iterable[float] = ()) -> State:
        name = self.monitor.figure
        found = [*losses, *(value for each, value in run.figures.items() if each == name)]
        bad = next((value for value in found if self._is_bad(value)), None)
        if bad is not None:
            limit = "" if self.limit is None or not isfinite(bad) else f", beyond {self.limit:g}"
            run.stop(f"{name} is {bad:g}{limit}", spoilt=True)
        return state

    def _is_bad(self, value: float) -> bool:
        if not isfinite(value):
            return True
        if self.limit is None:
            return False
        return value > self.limit if self.monitor.wants_less else value < self.limit


KINDS = (
    PolicyKind(
        name="Divergence",
        signature=signature(
            Argument("monitor", Text(), "loss", "the figure; `loss` is every step's"),
            Argument("limit", Optional(Number()), None, "what it must not be worse than"),
            Argument("mode", Choice(("auto", "min", "max")), "auto", "which way is better"),
        ),
        summary="Stops the training at a figure that is not finite, or worse than `limit`, without "
        "saving that step; other tasks continue with earlier checkpoints. Without it, a loss "
        "that is not finite is an error (E701).",
        example='Divergence("loss", limit = 100.0)',
        make=lambda a: Divergence(Monitor(a.monitor, a.mode), a.limit),
        stops=True,
        allows_any_loss=lambda a: a.monitor == "loss",
        check=lambda a, setting: setting.require_figure(a.monitor),
    ),
)
