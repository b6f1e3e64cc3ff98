"""What a ``train`` would do, from headers: steps, files, and how a checkpoint binds."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from math import prod

from declspore.ir.header import Header
from declspore.ir.network import Network
from declspore.ir.term import Term
from declspore.plan import errors
from declspore.plan.brief import brief
from declspore.plan.context import PlanContext
from declspore.plan.files import ckpt
from declspore.plan.headers import network_entries, rates_of, training_entries
from declspore.plan.loading import PlannedLoad, plan_load
from declspore.plan.samples import sample_files
from declspore.plan.task import DataFile, Json, Output, ReadFile, TaskPlan
from declspore.report import Sink
from declspore.same_file import same_path
from declspore.spelling import count
from declspore.tasks.train.kind import SaveRule, TrainTask
from declspore.tasks.train.schedule import Schedule
from declspore.text import size


@dataclass(frozen=True)
class TrainPlan(TaskPlan):
    """``header`` is that of every checkpoint it saves."""

    task: TrainTask
    samples: int
    schedule: Schedule
    load: PlannedLoad | None
    header: Header

    @property
    def title(self) -> str:
        schedule = self.schedule
        return (
            f"train {self.task.name}: {self.task.network.name}, {self.samples:,} samples, "
            f"{count(schedule.steps, 'step')} in {count(schedule.epochs, 'epoch')}"
        )

    def lines(self) -> Iterator[str]:
        task, schedule = self.task, self.schedule
        values = sum(prod(p.shape) for p in task.network.parameters)
        entries = count(len(task.network.parameters), "parameter")
        yield f"train {task.name}"
        yield f"  network    {task.network.name}: {entries}, {values:,} values"
        steps = f"{schedule.steps_per_epoch:,} steps an epoch"
        yield f"  data       {self.samples:,} samples, {steps}"
        yield f"  optimizer  {brief(task.optimizer)}"
        yield f"  length     {count(schedule.epochs, 'epoch')}, {count(schedule.steps, 'step')}"
        if self.load is not None:
            yield self.load.line()
        for rule in task.saves:
            yield self._saves(rule)
        if task.saves:
            nbytes = size(self.header.nbytes)
            yield f"             {count(len(self.header), 'entry', 'entries')}, {nbytes} each"

    def _saves(self, rule: SaveRule) -> str:
        files = list(dict.fromkeys(self.schedule.files(rule)))
        span = files[0] if len(files) == 1 else f"{files[0]} ... {files[-1]}"
        kept = f", the last {rule.keep} kept" if rule.keep else ""
        return f"  saves      {count(len(files), 'file')}: {span}{kept}"

    def facts(self) -> dict[str, Json]:
        entries: list[Json] = [
            {"name": e.name, "dtype": e.dtype.name, "shape": list(e.shape)} for e in self.header
        ]
        return {
            "network": self.task.network.name,
            "samples": self.samples,
            "steps_per_epoch": self.schedule.steps_per_epoch,
            "steps": self.schedule.steps,
            "load": None if self.load is None else self.load.facts(),
            "saves": list(self.writes()),
            "entries": entries,
        }

    def reads(self) -> Iterable[ReadFile]:
        return () if self.load is None else (self.load.read(),)

    def reads_data(self) -> Iterable[DataFile]:
        return sample_files(self.task.dataset, self.task.span)

    def writes(self) -> Iterator[str]:
        for rule in self.task.saves:
            yield from self.schedule.files(rule)

    def outputs(self) -> Iterator[Output]:
        for rule in self.task.saves[:1]:
            path = self.schedule.last_file(rule)
            yield Output("last", ckpt(path), Header(path, self.header.entries))

    def networks(self) -> Iterable[Network]:
        return (self.task.network,)

    @property
    def seed(self) -> int:
        return self.task.seed

    @property
    def dataset(self) -> Term:
        return self.task.dataset.pipeline.source


def plan_train(task: TrainTask, context: PlanContext) -> TrainPlan | None:
    """The plan of a training, or None with every problem reported."""
    counted = context.count(task.dataset)
    resumes = task.load is not None and task.load.resume
    header = training_header(task)
    entries = header.entries if resumes else network_entries(task.network)
    load = plan_load(task.load, entries, task.name, context, trains=True)
    if counted is None or (task.load is not None and load is None):
        return None
    schedule = Schedule.of(task, counted.batches)
    for rule in task.saves:
        context.check_writable(schedule.last_file(rule), rule.span)
        if load is not None and not context.in_place:
            _check_spared(load.path, rule, schedule, context.sink)
    for rate in rates_of(task.optimizer, task.network):
        if isinstance(rate, tuple) and len(rate) < schedule.steps:
            span = task.optimizer.span or task.span
            context.sink.report(errors.too_few_rates(span, len(rate), schedule.steps))
    return TrainPlan(task, counted.samples, schedule, load, header)


def training_header(task: TrainTask) -> Header:
    """The header of every checkpoint a training writes."""
    return Header.of(task.name, training_entries(task.network, task.optimizer))


def output_files(task: TrainTask, context: PlanContext) -> Mapping[str, tuple[Term, ...]]:
    """The file a training ends with; nothing where the size of its data is not known."""
    counted = context.count(task.dataset, Sink()) if task.saves else None
    if counted is None:
        return {}
    schedule = Schedule.of(task, counted.batches)
    return {"last": (ckpt(schedule.last_file(task.saves[0])),)}


def _check_spared(path: str, rule: SaveRule, schedule: Schedule, sink: Sink) -> None:
    """Report a checkpoint that the training which begins with it would write over."""
    names = {os.path.basename(path), os.path.basename(os.path.realpath(path))}
    for file in dict.fromkeys(schedule.files(rule)):
        if os.path.basename(file) in names and same_path(file, path):
            sink.report(errors.output_is_input(rule.span, file))
            return
