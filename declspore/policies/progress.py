"""How far the training is, shown while it runs."""

from __future__ import annotations

from typing import ClassVar

from declspore.registry.policy import OwnPolicyKind, Phase, Policy, Run, State
from declspore.registry.signature import signature


class Progress(Policy):
    """Shows the epoch and the latest loss."""

    phase: ClassVar[Phase] = Phase.REPORT

    def after_steps(self, state: State, run: Run) -> State:
        run.progress(f"epoch {run.epoch}/{run.timeline.epochs}  loss {run.losses[-1]:.4f}")
        return state


KINDS = (
    OwnPolicyKind(
        name="Progress",
        signature=signature(),
        summary="Shows the epoch, the latest loss and how much is left.",
        example="Progress()",
        make=lambda a: Progress(),
    ),
)
