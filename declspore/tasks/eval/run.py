"""The task ``eval``."""

from __future__ import annotations

from collections.abc import Iterator

import keras

from declspore.check.conditions import judge
from declspore.check.task import labels_of
from declspore.data.stream import Stream
from declspore.dataclass import dataclass
from declspore.lock.record import Recorder
from declspore.lower.binding import binding_of
from declspore.lower.evaluation import evaluate
from declspore.lower.network import compile_network
from declspore.lower.written_loss import objective_of
from declspore.report import Sink
from declspore.run.load import load_planned
from declspore.run.meter import Meter, shown
from declspore.run.task import Reporter, Result
from declspore.spelling import count
from declspore.tasks.eval.plan import EvalPlan


@dataclass(frozen=True)
class Evaluated(Result):
    """The figures of an evaluation by metric."""

    figures: dict[str, object]
    samples: int

    def lines(self) -> Iterator[str]:
        figures = ", ".join(f"{n} {shown(v)}" for n, v in self.figures.items())
        yield f"{self.task}: {figures} on {self.samples:,} samples"


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
    meters = [Meter(metric, task.span) for metric in task.metrics]
    loss = objective_of(task.losses) if task.losses else None
    samples = 0
    inputs = [entry.name for entry in task.network.inputs]
    # metrics count a label that is no class as missed
    allowed = labels_of(task, task.dataset) if task.losses else None
    stream = Stream(task.dataset, task.seed, inputs, labels=allowed)
    if stream.damaged:
        reporter.note(f"left out {count(stream.damaged, 'damaged item')} of the dataset")
    with stream.explained():
        evaluated = evaluate(model, loss, stream.epoch(1))
        for done, (size, outputs, labels, losses) in enumerate(evaluated, start=1):
            for meter in meters:
                meter.feed(outputs, labels, losses)
            samples += size
            reporter.progress(done, plan.batches, f"{samples} samples")
    result = Evaluated(task.name, {meter.name: meter.figure for meter in meters}, samples)
    sink = Sink()
    judge(task.conditions, result.figures, sink)
    if sink.errors:
        reporter.end(result)
        sink.raise_errors()
    return result
