"""The losses at growing learning rates."""

from __future__ import annotations

from typing import ClassVar

from declspore.numerics.rate_range import diverged_at
from declspore.registry.policy import OwnPolicyKind, Phase, Policy, Run, State
from declspore.registry.signature import signature


class RateSweep(Policy):
    """Remembers the rate and the loss of each step, and stops once the loss has diverged."""

    phase: ClassVar[Phase] = Phase.DECIDE

    def start(self) -> State:
        return {"rates": [], "losses": []}

    def after_steps(self, state: State, run: Run) -> State:
        rates = next(v for name, v in run.series.items() if name.startswith("learning_rate"))
        found = {
            "rates": [*state["rates"], *rates],
            "losses": [*state["losses"], *run.losses],
        }
        if diverged_at(found["losses"]) is not None:
            run.stop("the loss has diverged", spoilt=True)
        return found


KINDS = (
    OwnPolicyKind(
        name="RateSweep",
        signature=signature(),
        summary="Remembers the rate and the loss of each step, for `declspore rate`.",
        example="RateSweep()",
        make=lambda a: RateSweep(),
    ),
)
