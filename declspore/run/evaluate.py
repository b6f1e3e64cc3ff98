"""The task ``eval``."""

from __future__ import annotations

from typing import Any

import keras

from declspore.data.pipeline import build
from declspore.lower.binding import binding_of
from declspore.lower.loss import Objective, several
from declspore.lower.network import compile_network
from declspore.lower.training import evaluate
from declspore.plan.conditions import judge_figures
from declspore.plan.plan import EvalPlan
from declspore.registry.feeding import Fed
from declspore.registry.kind import Misfit
from declspore.registry.metric import MetricKind, State
from declspore.registry.table import vocabulary
from declspore.report import Sink
from declspore.run import errors
from declspore.run.load import load_exactly
from declspore.run.report import Evaluated, Reporter


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


def run_eval(plan: EvalPlan, reporter: Reporter) -> Evaluated:
    """Evaluate and check the ensures. Raises DiagnosticError."""
    task = plan.task
    keras.utils.set_random_seed(task.seed)
    model = compile_network(task.network, seed=task.seed)
    if plan.load is not None and task.load is not None:
        binding = binding_of(model)
        assert binding is not None
        parameters = {parameter.name: parameter for parameter in binding.parameters}
        load_exactly(parameters, plan.load.file, task.load)
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
    reporter.end(result)
    sink = Sink()
    judge_figures(task.conditions, result.figures, sink)
    sink.raise_errors()
    return result
