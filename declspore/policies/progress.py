"""How far the training is, and how fast."""

from __future__ import annotations

import time
from typing import ClassVar

from declspore.registry.policy import OwnPolicyKind, Phase, Policy, Run, State
from declspore.registry.signature import signature


class Progress(Policy):
    """Shows the epoch, the latest loss and learning rate, the steps a second, and the time left."""

    phase: ClassVar[Phase] = Phase.REPORT

    def start(self) -> State:
        return {"since": None, "from": 0}

    def begin(self, state: State, run: Run) -> State:
        return self.start()

    def after_steps(self, state: State, run: Run) -> State:
        now = time.time()
        numbers = {"epoch": run.epoch, "loss": run.losses[-1], **run.figures}
        parts = [f"epoch {run.epoch}/{run.timeline.epochs}", f"loss {run.losses[-1]:.4f}"]
        if rates := run.series.get("learning_rate"):
            parts.append(f"rate {rates[-1]:.4g}")
            numbers["learning_rate"] = rates[-1]
        if state["since"] is None:
            # the first steps were compiled: what they took says nothing
            state = {"since": now, "from": run.step}
        elif now > state["since"]:
            pace = (run.step - state["from"]) / (now - state["since"])
            parts.append(f"{pace:.3g} steps/s")
            numbers["steps_per_second"] = pace
            if run.timeline.steps is not None and pace:
                parts.append(f"{_clock((run.timeline.steps - run.step) / pace)} left")
        run.progress("  ".join(parts), numbers)
        return state

    def after_epoch(self, state: State, run: Run) -> State:
        if run.figures:
            shown = ", ".join(f"{name} {figure:.4f}" for name, figure in run.figures.items())
            run.progress(f"epoch {run.epoch}: {shown}", {"epoch": run.epoch, **run.figures})
        return state


def _clock(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


KINDS = (
    OwnPolicyKind(
        name="Progress",
        signature=signature(),
        summary="Shows the epoch, the latest loss and rate, the pace, and how much is left.",
        example="Progress()",
        make=lambda a: Progress(),
    ),
)
