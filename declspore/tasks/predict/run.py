"""The task ``predict``."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import ExitStack

import keras

from declspore.check.conditions import judge
from declspore.checkpoint.atomic import replacing
from declspore.data.stream import Stream
from declspore.dataclass import dataclass
from declspore.flows.order import numbers, opened
from declspore.lock.record import Recorder
from declspore.lower.batches import pairs
from declspore.lower.binding import binding_of
from declspore.lower.evaluation import predict
from declspore.lower.loss import several
from declspore.lower.network import compile_network
from declspore.registry.data import SourceKind, Unavailable
from declspore.registry.table import vocabulary
from declspore.report import Sink
from declspore.run.load import load_planned
from declspore.run.meter import Meter, shown
from declspore.run.task import Reporter, Result
from declspore.spelling import count
from declspore.tasks.predict.answering import Answers
from declspore.tasks.predict.keeper import Keeper
from declspore.tasks.predict.plan import PredictPlan


@dataclass(frozen=True)
class Predicted(Result):
    """The files that hold the answers, how many samples they are of, and the figures."""

    paths: tuple[str, ...]
    samples: int
    figures: dict[str, object]

    def lines(self) -> Iterator[str]:
        yield f"{self.task}: {count(self.samples, 'sample')}; wrote {', '.join(self.paths)}"
        if self.figures:
            figures = ", ".join(f"{name} {shown(value)}" for name, value in self.figures.items())
            yield f"{self.task}: {figures} on {self.samples:,} samples"


def run_predict(plan: PredictPlan, reporter: Reporter, recorder: Recorder) -> Predicted:
    """Compute the answers, and put the files in place once they are whole; an interrupted
    prediction is continued.

    The files are put in place even where an ``ensure`` fails. Raises DiagnosticError.
    """
    task = plan.task
    keeper = Keeper(plan, reporter)
    model = _model(plan, reporter)
    meters = [Meter(metric, task.span) for metric in task.metrics]
    stream = Stream(task.dataset, 0, [entry.name for entry in task.network.inputs])
    if stream.damaged:
        reporter.note(f"left out {count(stream.damaged, 'damaged item')} of the dataset")
    permissions = _permissions(plan)
    with ExitStack() as files:
        files.callback(keeper.close)
        writers = [
            saved.format.open(
                files.enter_context(replacing(saved.path, permissions=permissions)), task.columns
            )
            for saved in task.saves
        ]
        for writer in writers:
            files.callback(writer.close)
        answers = Answers(plan, writers, meters, _files(plan))
        try:
            done = _continued(plan, keeper, answers, reporter)
            with stream.explained():
                for data, labels in pairs(stream.epoch(1, done)):
                    done += 1
                    answers.add(several(predict(model, data)), data, labels, keeper)
                    reporter.progress(done, plan.batches, f"{answers.samples} samples")
        except Unavailable:
            keeper.remove()  # what makes it readable is another dataset
            raise
        for writer in writers:
            writer.finish()
    keeper.remove()
    for saved in task.saves:
        recorder.wrote_file(plan, f"save {saved.path}", saved.path)
    figures = {meter.name: meter.figure for meter in meters}
    paths = tuple(saved.path for saved in task.saves)
    result = Predicted(task.name, paths, answers.samples, figures)
    sink = Sink()
    judge(task.conditions, figures, sink)
    if sink.errors:
        reporter.end(result)
        sink.raise_errors()
    return result


def _continued(plan: PredictPlan, keeper: Keeper, answers: Answers, reporter: Reporter) -> int:
    """Write what an interrupted process answered; how many batches that is."""
    done = 0
    for record in keeper.kept():
        try:
            answers.again(record)
        except (LookupError, TypeError):
            raise keeper.damaged() from None
        done += 1
        if done > plan.batches:
            raise keeper.damaged()
    if done:
        text = f"{answers.samples:,} of {count(plan.samples, 'sample')} are answered"
        reporter.note(f"continues the interrupted prediction: {text}")
    return done


def _permissions(plan: PredictPlan) -> int:
    """Those that the checkpoint and all samples have: answers are no more open."""
    found = 0o777 if plan.load is None else plan.load.permissions()
    for data in plan.reads_data():
        found &= stat.S_IMODE(os.stat(data.path).st_mode)
    return found


def _model(plan: PredictPlan, reporter: Reporter) -> object:
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
    return (names[number] for number in numbers(opened(pipeline), 0))
