"""The task ``predict``."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import islice
from typing import Any

import keras
import numpy as np

from declspore.check.conditions import judge
from declspore.check.datasets import all_steps
from declspore.checkpoint.atomic import replacing
from declspore.data.steps import numbers, steps_of
from declspore.data.stream import Stream
from declspore.lock.record import Recorder
from declspore.lower.batches import pairs
from declspore.lower.binding import binding_of
from declspore.lower.evaluation import predict
from declspore.lower.loss import several
from declspore.lower.network import compile_network
from declspore.registry.answer import AnswerColumn, Answered, AnswerKind
from declspore.registry.data import SourceKind
from declspore.registry.table import vocabulary
from declspore.report import Sink
from declspore.run import errors
from declspore.run.load import load_planned
from declspore.run.meter import Meter, shown
from declspore.run.task import Reporter, Result
from declspore.spelling import count
from declspore.tasks.predict.kind import columns_of
from declspore.tasks.predict.plan import PredictPlan
from declspore.tasks.predict.writers import Rows, Writer


@dataclass(frozen=True)
class Predicted(Result):
    """The files that hold the answers, how many samples they are of, and the figures."""

    paths: tuple[str, ...]
    samples: int
    figures: dict[str, Any]

    def lines(self) -> Iterator[str]:
        yield f"{self.task}: {count(self.samples, 'sample')}; wrote {', '.join(self.paths)}"
        if self.figures:
            figures = ", ".join(f"{name} {shown(value)}" for name, value in self.figures.items())
            yield f"{self.task}: {figures} on {self.samples:,} samples"


def run_predict(plan: PredictPlan, reporter: Reporter, recorder: Recorder) -> Predicted:
    """Compute the answers, and put the files in place once they are whole.

    The files are put in place even where an ``ensure`` fails. Raises DiagnosticError.
    """
    task = plan.task
    model = _model(plan, reporter)
    meters = [Meter(metric, task.span) for metric in task.metrics]
    stream = Stream(task.dataset, 0, [entry.name for entry in task.network.inputs])
    if stream.damaged:
        reporter.note(f"left out {count(stream.damaged, 'damaged item')} of the dataset")
    named = _files(plan)
    samples = 0
    with stream.explained(), ExitStack() as files:
        writers = [
            saved.format.open(files.enter_context(replacing(saved.path)), task.columns)
            for saved in task.saves
        ]
        for writer in writers:
            files.callback(writer.close)
        for done, (data, labels) in enumerate(pairs(stream.epoch(1)), start=1):
            inputs = data if isinstance(data, tuple) else (data,)
            outputs = tuple(np.asarray(each) for each in several(predict(model, data)))
            for meter in meters:
                meter.feed(outputs if len(outputs) > 1 else outputs[0], labels)
            files_of = None if named is None else list(islice(named, len(inputs[0])))
            rows = _rows(plan, inputs, outputs, labels, files_of)
            _write(plan, writers, rows)
            samples += rows.count
            reporter.progress(done, plan.batches, f"{samples} samples")
        for writer in writers:
            writer.finish()
    for saved in task.saves:
        recorder.wrote_file(plan, f"save {saved.path}", saved.path)
    figures = {meter.name: meter.figure for meter in meters}
    result = Predicted(task.name, tuple(saved.path for saved in task.saves), samples, figures)
    sink = Sink()
    judge(task.conditions, figures, sink)
    if sink.errors:
        reporter.end(result)
        sink.raise_errors()
    return result


def _model(plan: PredictPlan, reporter: Reporter) -> Any:
    """The network with its values."""
    keras.utils.set_random_seed(0)
    model = compile_network(plan.task.network, seed=0)
    if plan.load is not None:
        binding = binding_of(model)
        assert binding is not None
        load_planned({p.name: p for p in binding.parameters}, plan.load)
        reporter.note(f"loaded {len(plan.load.bind.matched)} entries from {plan.load.path}")
    return model


def _files(plan: PredictPlan) -> Iterator[str] | None:
    """The file of each sample, in the order of the samples; None where they do not have some."""
    pipeline = plan.task.dataset.pipeline
    kind = vocabulary().of(SourceKind, pipeline.source.word)
    if kind.names is None:
        return None
    names = kind.names(pipeline.source.arguments)
    steps = steps_of(all_steps(pipeline), kind.element(pipeline.source.arguments))
    return (names[number] for number in numbers(len(names), steps, 0))


def _rows(
    plan: PredictPlan,
    inputs: Sequence[Any],
    outputs: tuple[Any, ...],
    labels: Any,
    files: Sequence[str] | None,
) -> Rows:
    """The answers of a batch by column."""
    task = plan.task
    given = labels if isinstance(labels, tuple) else (labels,)
    by_name = dict(zip(task.types.labels, given, strict=False))
    answered = Answered(outputs, by_name, plan.classes, files)
    found: dict[str, Any] = {}
    for term in task.answers:
        columns: tuple[AnswerColumn, ...] = columns_of((term,), task.types, bool(plan.classes))
        values = vocabulary().of(AnswerKind, term.word).compute(term.arguments, answered)
        found |= {column.name: value for column, value in zip(columns, values, strict=True)}
    return Rows(found, tuple(inputs), files, len(inputs[0]))


def _write(plan: PredictPlan, writers: Sequence[Writer], rows: Rows) -> None:
    for saved, writer in zip(plan.task.saves, writers, strict=True):
        try:
            writer.write(rows)
        except ValueError as error:
            raise errors.unfit_values(saved.span, saved.path, str(error), None) from None
