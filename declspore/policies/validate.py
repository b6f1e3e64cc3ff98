"""Figures over another dataset, while a training continues."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import ClassVar

from declspore.dataclass import dataclass
from declspore.ir.term import Arguments
from declspore.ir.timeline import Interval
from declspore.registry.kind import Misfit
from declspore.registry.policy import (
    Measure,
    Measured,
    Phase,
    Policy,
    PolicyKind,
    Run,
    Setting,
    State,
)
from declspore.registry.signature import Argument, signature
from declspore.registry.types import Boolean, Data, Either, IntervalType, ListOf, TermOf


def _nothing() -> Mapping[str, float]:
    return {}


@dataclass(frozen=True)
class Validate(Policy):
    """Measures the network, in eval mode, every so many epochs or steps."""

    every: Interval
    measure: Measure = _nothing

    phase: ClassVar[Phase] = Phase.MEASURE

    def measuring(self, measure: Measure) -> Policy:
        return replace(self, measure=measure)

    def rehearsed(self) -> Policy:
        return replace(self, every=Interval(1, "epoch"))

    def next_pause(self, state: State, run: Run) -> int | None:
        return self.every.next_step(run.step)

    def after_steps(self, state: State, run: Run) -> State:
        if self.every.on_step(run.step):
            self._measured(run)
        return state

    def after_epoch(self, state: State, run: Run) -> State:
        if run.epoch_is_complete and self.every.on_epoch(run.epoch):
            self._measured(run)
        return state

    def _measured(self, run: Run) -> None:
        figures = self.measure()
        for name, figure in figures.items():
            run.record(name, figure)
        shown = ", ".join(f"{name} {figure:.4f}" for name, figure in figures.items())
        run.note(f"epoch {run.epoch}, step {run.step}: {shown}")


def _check(a: Arguments, setting: Setting) -> None:
    if a.ema and "ema" not in setting.slots:
        raise Misfit("no policy keeps an average of the parameters", "EMA(0.9999)")


_METRIC = Either((TermOf("metric"), TermOf("feeding")))

KINDS = (
    PolicyKind(
        name="Validate",
        signature=signature(
            Argument("dataset", Data(), help="what is measured on, in batches"),
            Argument("metrics", Either((ListOf(_METRIC), _METRIC)), help="a metric, or a list"),
            Argument("every", IntervalType(), Interval(1, "epoch"), "how often"),
            Argument("ema", Boolean(), False, "whether with the averages that EMA keeps"),
        ),
        summary="Measures the network over another dataset, in eval mode. Its figures have the "
        "names of their metrics, but the loss is `eval_loss`, as in MindSpore. With `ema` the "
        "averages that EMA keeps take the place of the parameters, and names begin with `ema_`.",
        example="Validate(valid_set, metrics = [Accuracy(), Loss()], every = 1 epochs)",
        make=lambda a: Validate(a.every),
        measures=lambda a: Measured(
            a.dataset,
            a.metrics if isinstance(a.metrics, tuple) else (a.metrics,),
            "ema" if a.ema else None,
        ),
        begins=lambda a, steps_per_epoch: a.every.steps(steps_per_epoch),
        check=_check,
    ),
)
