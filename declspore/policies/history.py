"""What a training was like: curves, figures, and a row an epoch."""

from __future__ import annotations

from typing import ClassVar

from declspore.registry.policy import OwnPolicyKind, Phase, Policy, Run, State
from declspore.registry.signature import signature

_MOST = 1000
"""Points of a curve; of more steps every second one is kept, and so on."""


class History(Policy):
    """Remembers it as plain data. ``curves`` hold [step, value] of what steps report, thinned out
    where there are many; ``figures`` [epoch, step, figures by name]; ``epochs`` rows of epoch,
    step, the mean loss, the last loss, seconds and steps."""

    phase: ClassVar[Phase] = Phase.REPORT

    def start(self) -> State:
        return {
            "curves": {},
            "stride": 1,
            "figures": [],
            "epochs": [],
            "begun": 0.0,
            "sum": 0.0,
            "steps": 0,
        }

    def before_epoch(self, state: State, run: Run) -> State:
        return {**state, "begun": run.seconds, "sum": 0.0, "steps": 0}

    def after_steps(self, state: State, run: Run) -> State:
        curves, stride = {**state["curves"]}, state["stride"]
        first = run.step - len(run.losses) + 1
        for name, values in run.series.items():
            points = list(curves.get(name, ()))
            points += [[first + n, v] for n, v in enumerate(values) if (first + n) % stride == 0]
            curves[name] = points
        if len(curves["loss"]) > 2 * _MOST:
            stride *= 2
            curves = {
                name: [point for point in points if point[0] % stride == 0]
                for name, points in curves.items()
            }
        total, steps = state["sum"] + sum(run.losses), state["steps"] + len(run.losses)
        state = {**state, "curves": curves, "stride": stride, "sum": total, "steps": steps}
        return self._found(state, run)

    def after_epoch(self, state: State, run: Run) -> State:
        state = self._found(state, run)
        mean = state["sum"] / max(state["steps"], 1)
        row = [run.epoch, run.step, mean, run.losses[-1], run.seconds - state["begun"]]
        return {**state, "epochs": [*state["epochs"], [*row, state["steps"]]]}

    def _found(self, state: State, run: Run) -> State:
        if not run.figures:
            return state
        found = [run.epoch, run.step, dict(run.figures)]
        return {**state, "figures": [*state["figures"], found]}


KINDS = (
    OwnPolicyKind(
        name="History",
        signature=signature(),
        summary="Remembers curves, figures and a row an epoch.",
        example="History()",
        make=lambda a: History(),
    ),
)
