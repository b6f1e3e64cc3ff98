"""The task ``eval``."""

from __future__ import annotations

from typing import Any

import keras

from declspore.data.pipeline import build
from declspore.ir.term import Term
from declspore.lower.binding import binding_of
from declspore.lower.loss import Loss
from declspore.lower.network import compile_network
from declspore.lower.training import evaluate
from declspore.plan.conditions import judge_figures
from declspore.plan.plan import EvalPlan
from declspore.registry.metric import MetricKind, State
from declspore.registry.table import vocabulary
from declspore.report import Sink
from declspore.run.load import load_exactly
from declspore.run.report import Evaluated, Reporter


class Meter:
    """A metric being fed, batch by batch."""

    def __init__(self, metric: Term) -> None:
        self.kind = vocabulary().of(MetricKind, metric.word)
        self._arguments = metric.arguments
        self._state: State = self.kind.start(metric.arguments)

    def feed(self, outputs: Any, labels: Any, losses: Any) -> None:
        first, second = (losses, None) if self.kind.of_loss else (outputs, labels)
        self._state = self.kind.update(self._arguments, self._state, first, second)

    @property
    def figure(self) -> Any:
        return self.kind.result(self._arguments, self._state)


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
    loss = Loss.of(task.loss) if task.loss else None
    samples = 0
    batches = build(task.dataset, task.seed)
    for done, (outputs, labels, losses) in enumerate(evaluate(model, loss, batches), start=1):
        for meter in meters:
            meter.feed(outputs, labels, losses)
        samples += len(labels)
        reporter.progress(done, plan.batches, f"{samples} samples")
    result = Evaluated(task.name, {m.kind.key: m.figure for m in meters}, samples)
    reporter.end(result)
    sink = Sink()
    judge_figures(task.conditions, result.figures, sink)
    sink.raise_errors()
    return result
