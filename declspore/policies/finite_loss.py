"""The end of a training whose loss is not a number any more."""

from __future__ import annotations

import math
from typing import ClassVar

from declspore.registry.policy import Failure, OwnPolicyKind, Phase, Policy, Run, State
from declspore.registry.signature import signature

_NOTE = "training was stopped; checkpoints saved before are whole"
_HELP = "a smaller learning_rate, or check the dataset for values that are not finite"


class FiniteLoss(Policy):
    """Ends the training with E701 at the first step whose loss is infinite or not a number."""

    phase: ClassVar[Phase] = Phase.WATCH

    def after_steps(self, state: State, run: Run) -> State:
        before = run.step_in_epoch - len(run.losses)
        for step, loss in enumerate(run.losses, start=before + 1):
            if not math.isfinite(loss):
                title = f"the loss is {loss} at step {step} of epoch {run.epoch}"
                raise Failure("E701", title, notes=[_NOTE], helps=[_HELP], spoils=True)
        return state


KINDS = (
    OwnPolicyKind(
        name="FiniteLoss",
        signature=signature(),
        summary="Ends the training at the first step whose loss is infinite or not a number.",
        example="FiniteLoss()",
        make=lambda a: FiniteLoss(),
    ),
)
