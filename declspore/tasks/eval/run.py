"""The task ``eval``."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import keras

from declspore.check.conditions import judge
from declspore.data.pipeline import build
from declspore.lock.record import Recorder
from declspore.lower.binding import binding_of
from declspore.lower.evaluation import evaluate
from declspore.lower.loss import Objective, several
from declspore.lower.network import compile_network
from declspore.registry.feeding import Fed
from declspore.registry.kind import Misfit
from declspore.registry.metric import MetricKind, State
from declspore.registry.table import vocabulary
from declspore.report import Sink
from declspore.run import errors
from declspore.run.load import load_planned
from declspore.run.task import Reporter, Result
from declspore.tasks.eval.plan import EvalPlan


@dataclass(frozen=True)
class Evaluated(Result):
    """The figures of an evaluation by metric."""

    figures: dict[str, Any]
    samples: int

    def lines(self) -> Iterator[str]:
        figures = ", ".join(f"{n} {_shown(v)}" for n, v in self.figures.items())
        yield f"{self.task}: {figures} on {self.samples:,} samples"


class Meter:
    """A metric being fed, batch by batch."""

    def __init__(self, metric: Fed) -> None:
        self.name = metric.name
        self._fed = metric
        self._kind = vocabulary().of(MetricKind, metric.term.word)
        self._arguments = metric.term.arguments
        self._state: State = self._kind.start(self._arguments)

    def feed(self, outputs: Any, labels: Any, losses: Any) -> None:
        """Feed a batch. Raises Misfit where its values are not what the metric takes."""
        entering = (losses,)
        if not self._kind.of_loss:
            chosen = self._fed.chosen(several(outputs), several(labels))
            entering = self._kind.arranged(*chosen)
        self._state = self._kind.update(self._arguments, self._state, *entering)

    @property
    def figure(self) -> Any:
        return self._kind.result(self._arguments, self._state)


def run_eval(plan: EvalPlan, reporter: Reporter, recorder: Recorder) -> Evaluated:
    """Evaluate and check the ensures. Raises DiagnosticError."""
    task = plan.task
    keras.utils.set_random_seed(task.seed)
    model = compile_network(task.network, seed=task.seed)
    if plan.load is not None:
        binding = binding_of(model)
        assert binding is not None
        parameters = {parameter.name: parameter for parameter in binding.parameters}
        load_planned(parameters, plan.load)
        reporter.note(f"loaded {len(plan.load.bind.matched)} entries from {plan.load.path}")
    meters = [Meter(metric) for metric in task.metrics]
    loss = Objective.of(task.losses) if task.losses else None
    samples = 0
    batches = build(task.dataset, task.seed, [entry.name for entry in task.network.inputs])
    for done, (size, outputs, labels, losses) in enumerate(evaluate(model, loss, batches), start=1):
        for meter in meters:
            try:
                meter.feed(outputs, labels, losses)
            except Misfit as error:
                span = task.span
                raise errors.unfit_values(span, meter.name, str(error), error.help) from None
        samples += size
        reporter.progress(done, plan.batches, f"{samples} samples")
    result = Evaluated(task.name, {meter.name: meter.figure for meter in meters}, samples)
    sink = Sink()
    judge(task.conditions, result.figures, sink)
    if sink.errors:
        reporter.end(result)
        sink.raise_errors()
    return result


def _shown(figure: Any) -> str:
    """A number to four digits, or rows of numbers as a list."""
    if isinstance(figure, tuple):
        return f"[{', '.join(map(_shown, figure))}]"
    return f"{figure:.4f}"
