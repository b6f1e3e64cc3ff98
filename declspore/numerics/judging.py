"""Policies that act on a figure."""

from __future__ import annotations

from typing import ClassVar

from declspore.numerics.monitor import Monitor
from declspore.registry.policy import Phase, Policy, Run, State


class Judging(Policy):
    """A policy that acts on the figure of its monitor, at the moment at which it is found; on the
    loss, which is that of the last step, at the end of an epoch."""

    monitor: Monitor
    phase: ClassVar[Phase] = Phase.DECIDE

    def judged(self, state: State, run: Run, figure: float) -> State:
        """Act on a figure; the next state."""
        raise NotImplementedError

    def after_steps(self, state: State, run: Run) -> State:
        return self._asked(state, run)

    def after_epoch(self, state: State, run: Run) -> State:
        if self.monitor.figure == "loss":
            return self.judged(state, run, run.losses[-1]) if run.losses else state
        return self._asked(state, run)

    def _asked(self, state: State, run: Run) -> State:
        figure = run.figures.get(self.monitor.figure)
        return state if figure is None else self.judged(state, run, figure)
