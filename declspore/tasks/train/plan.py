"""What a ``train`` would do, from headers: steps, files, and how a checkpoint binds."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from importlib.util import find_spec
from math import prod

from declspore.dataclass import dataclass
from declspore.ir.header import Header, HeaderEntry
from declspore.ir.network import Network
from declspore.ir.term import Term
from declspore.numerics.placeholders import placed
from declspore.plan import errors
from declspore.plan.brief import brief
from declspore.plan.context import PlanContext
from declspore.plan.files import ckpt
from declspore.plan.headers import network_entries, rates_of, state_entries, trained_first
from declspore.plan.loading import PlannedLoad, plan_load
from declspore.plan.samples import sample_files
from declspore.plan.task import DataFile, Output, ReadFile, TaskPlan
from declspore.registry.policy import Policy, policy_of
from declspore.report import Sink
from declspore.same_file import same_path
from declspore.spelling import Json, count
from declspore.tasks.train.continuing import Continued, Keeping, plan_keeping
from declspore.tasks.train.kind import TrainTask
from declspore.tasks.train.policies import kind_of
from declspore.tasks.train.room import check_room
from declspore.tasks.train.saving import SaveRule
from declspore.tasks.train.schedule import Schedule, with_counted_epochs
from declspore.tasks.train.shared import batch_size, check_shared
from declspore.tasks.train.statefile import state_path
from declspore.text import size

_REHEARSED = 2
"""Steps and batches of a rehearsal."""


@dataclass(frozen=True)
class TrainPlan(TaskPlan):
    """``header`` is that of every checkpoint it saves; ``replaced`` are those of an earlier run,
    which it writes over."""

    task: TrainTask
    samples: int
    schedule: Schedule
    load: PlannedLoad | None
    header: Header
    keeping: Keeping | None = None
    replaced: tuple[str, ...] = ()
    rehearses: bool = False
    workers: int = 1

    @property
    def title(self) -> str:
        schedule = self.schedule
        return (
            f"train {self.task.name}: {self.task.network.name}, "
            f"{count(self.samples, 'sample')}, "
            f"{count(schedule.steps, 'step')} in {count(schedule.epochs, 'epoch')}"
        )

    def lines(self) -> Iterator[str]:
        task, schedule = self.task, self.schedule
        values = sum(prod(p.shape) for p in task.network.parameters)
        entries = count(len(task.network.parameters), "parameter")
        yield f"train {task.name}"
        yield f"  network    {task.network.name}: {entries}, {values:,} values"
        steps = f"{count(schedule.steps_per_epoch, 'step')} an epoch"
        yield f"  data       {count(self.samples, 'sample')}, {steps}"
        if self.workers > 1:
            yield f"  workers    {self.workers}, up to {self._part(self.workers)} of a batch each"
        if task.devices > 1:
            yield f"  devices    {task.devices}, up to {self._part(task.devices)} of a batch each"
        yield f"  optimizer  {brief(task.optimizer)}"
        if task.frozen.names:
            yield self._frozen()
        for stated in task.policies:
            yield f"  policy     {stated}"
        yield f"  length     {count(schedule.epochs, 'epoch')}, {count(schedule.steps, 'step')}"
        if self.load is not None:
            yield self.load.line()
        for rule in task.saves:
            yield self._saves(rule)
        if task.saves:
            nbytes = size(self.header.nbytes)
            yield f"             {count(len(self.header), 'entry', 'entries')}, {nbytes} each"
        for log in task.logs:
            yield f"  logs       {log.path}"
        if self.continued is not None:
            done = f"{self.continued.step:,} of {count(schedule.steps, 'step')} are made"
            yield f"  continues  {self.continued.path}: {done}"
        elif self.replaced:
            yield f"             {self.replacing}"

    def has_own_rate(self) -> str | None:
        if self.load is not None and self.load.resume:
            return "resumes a checkpoint, and has its rate from there"
        return None

    def rehearsal(self) -> TrainPlan:
        """Two steps, as if they were an epoch, and two batches of what policies measure."""
        task = replace(self.task, saves=(), logs=())
        small = Schedule(min(self.schedule.steps, _REHEARSED), min(self.schedule.steps, _REHEARSED))
        return replace(self, task=task, schedule=small, keeping=None, replaced=(), rehearses=True)

    @property
    def continued(self) -> Continued | None:
        """The interrupted training that it continues with."""
        return None if self.keeping is None else self.keeping.continued

    @property
    def replacing(self) -> str:
        """What is written over, in words."""
        files = self.replaced
        shown = files[0] if len(files) == 1 else f"{files[0]} ... {files[-1]}"
        return f"writes over {count(len(files), 'file')} of an earlier run: {shown}"

    def _part(self, parts: int) -> str:
        size = batch_size(self.task.dataset)
        return "a part" if size is None else count(-(-size // parts), "sample")

    def _frozen(self) -> str:
        frozen = self.task.frozen
        many = f"{len(frozen.names)} of {count(len(self.task.network.parameters), 'parameter')}"
        later = f", {len(frozen.freed)} of them at first" if frozen.freed else ""
        return f"  frozen     {many}{later}"

    def _saves(self, rule: SaveRule) -> str:
        if rule.best is not None:
            top = f"the {rule.keep} best" if rule.keep else "the best"
            return f"  saves      {rule.path}: {top} by {rule.best}"
        files = list(dict.fromkeys(self.schedule.files(rule)))
        span = files[0] if len(files) == 1 else f"{files[0]} ... {files[-1]}"
        kept = f", the last {rule.keep} kept" if rule.keep else ""
        if rule.every is not None and rule.every.is_time:
            return f"  saves      {rule.path}: every {rule.every}, the last is {files[-1]}{kept}"
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
            "workers": self.workers,
            "load": None if self.load is None else self.load.facts(),
            "frozen": [*sorted(self.task.frozen.names)],
            "policies": [*map(str, self.task.policies)],
            "saves": list(self.writes()),
            "logs": [log.path for log in self.task.logs],
            "continues": None if self.continued is None else self.continued.step,
            "replaces": list(self.replaced),
            "entries": entries,
        }

    def reads(self) -> Iterable[ReadFile]:
        return () if self.load is None else (self.load.read(),)

    def reads_data(self) -> Iterable[DataFile]:
        return data_files(self.task)

    def writes(self) -> Iterator[str]:
        for rule in self.task.saves:
            yield from self.schedule.files(rule)

    def outputs(self) -> Iterator[Output]:
        for name, path in _outputs(self.task, self.schedule):
            yield Output(name, ckpt(path), Header(path, self.header.entries))

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
    counted = context.count(task.dataset, labels_of=task.network)
    validations = [v for p in task.policies if (v := p.validation)]
    validated = [context.count(v.dataset, labels_of=task.network) for v in validations]
    resumes = task.load is not None and task.load.resume
    header = training_header(task)
    entries = header.entries if resumes else network_entries(task.network)
    load = plan_load(task.load, entries, task.name, context, trains=True)
    if counted is None or None in validated or (task.load is not None and load is None):
        return None
    schedule = Schedule.of(task, counted.batches)
    task = with_counted_epochs(task, counted.batches)
    for log in task.logs:
        inside = os.path.join(log.path, "x") if log.path.endswith("/") else log.path
        context.check_writable(inside, log.span)
        package = log.kind.package
        if package is not None and find_spec(package) is None:
            reason = f"{log.path} needs the package {package}"
            helps = (f'pip install "declspore[{package}]"',)
            context.sink.report(errors.unavailable(log.span, reason, helps))
    for rule in task.saves:
        last = schedule.last_file(rule) or placed(rule.path, 1, 1)
        context.check_writable(last, rule.span)
        if load is not None and not context.in_place:
            _check_spared(load.path, rule, schedule, context.sink)
    _check_saved_once(task, schedule, context.sink)
    check_room(task, schedule, header.nbytes, context.sink)
    for term in (stated.term for stated in task.policies):
        first = kind_of(term).begins(term.arguments, schedule.steps_per_epoch)
        if first > schedule.steps:
            span = term.span or task.span
            context.sink.report(errors.too_late(span, term.word, first, schedule.steps))
    for rate in rates_of(task.optimizer, task.network):
        if isinstance(rate, tuple) and len(rate) < schedule.steps:
            span = task.optimizer.span or task.span
            context.sink.report(errors.too_few_rates(span, len(rate), schedule.steps))
    files = dict.fromkeys(file for rule in task.saves for file in schedule.files(rule))
    replaced = tuple(file for file in files if os.path.exists(file))
    keeping = plan_keeping(task, load, data_files(task), schedule.steps, context)
    check_shared(task, context.workers, context.sink)
    return TrainPlan(
        *(task, counted.samples, schedule, load, header, keeping, replaced),
        workers=context.workers,
    )


def data_files(task: TrainTask) -> Iterator[DataFile]:
    """The files of all its datasets, each once."""
    datasets = [task.dataset]
    datasets += [v.dataset for p in task.policies if (v := p.validation) is not None]
    seen = set[str]()
    for each in (file for data in datasets for file in sample_files(data, task.span)):
        if each.path not in seen:
            seen.add(each.path)
            yield replace(each, name=f"dataset[{len(seen) - 1}]")


def _outputs(task: TrainTask, schedule: Schedule) -> Iterator[tuple[str, str]]:
    """The files that other tasks may refer to, each under its name; of several the first. Where a
    training may stop early, the name of its last file is known only if it has no placeholder."""
    may_stop = any(kind_of(stated.term).stops for stated in task.policies)
    named = set[str]()
    for rule in task.saves:
        path = schedule.last_file(rule)
        if may_stop and "{" in rule.path:
            path = None
        if rule.output is not None and rule.output not in named and path is not None:
            named.add(rule.output)
            yield rule.output, path


def training_header(task: TrainTask) -> Header:
    """The header of every checkpoint a training writes."""
    before, after = list[HeaderEntry](), list[HeaderEntry]()
    for stated in task.policies:
        policy = policy_of(stated.term)
        for scalar in policy.scalars():
            if scalar.entry:
                entry = HeaderEntry.of(scalar.name, scalar.dtype, ())
                (before if scalar.leads else after).append(entry)
        after += _slots(policy, task)
    state = state_entries(task.optimizer, task.network)
    values = trained_first(task.network, task.optimizer)
    return Header.of(task.name, (*values, *before, *state, *after))


def _slots(policy: Policy, task: TrainTask) -> Iterator[HeaderEntry]:
    for slot in policy.slots():
        of = task.network.parameters if slot.every else task.network.trainable
        for parameter in of if slot.entry else ():
            name = f"{slot.prefix}.{parameter.name}"
            yield HeaderEntry.of(name, parameter.dtype, parameter.shape)


def output_files(task: TrainTask, context: PlanContext) -> Mapping[str, tuple[Term, ...]]:
    """The file a training ends with; nothing where the size of its data is not known."""
    counted = context.count(task.dataset, Sink()) if task.saves else None
    if counted is None:
        return {}
    schedule = Schedule.of(task, counted.batches)
    return {name: (ckpt(path),) for name, path in _outputs(task, schedule)}


def is_unfinished(task: TrainTask) -> bool:
    """Whether a state is left of an earlier run."""
    return bool(task.saves) and os.path.exists(state_path(task.saves[0].path, task.name))


def _check_saved_once(task: TrainTask, schedule: Schedule, sink: Sink) -> None:
    """Report rules of which one saves over a file of another."""
    writers: dict[str, SaveRule] = {}
    for rule in task.saves:
        for file in schedule.files(rule):
            other = writers.setdefault(os.path.normpath(file), rule)
            if other is not rule:
                first, second = (f'`save "{each.path}"`' for each in (other, rule))
                names = '"by-epoch-{epoch}.ckpt", "by-step-{epoch}_{step}.ckpt"'
                sink.report(errors.written_twice(rule.span, file, first, second, names))
                break


def _check_spared(path: str, rule: SaveRule, schedule: Schedule, sink: Sink) -> None:
    """Report a checkpoint that the training which begins with it would write over."""
    names = {os.path.basename(path), os.path.basename(os.path.realpath(path))}
    for file in dict.fromkeys(schedule.files(rule)):
        if os.path.basename(file) in names and same_path(file, path):
            sink.report(errors.output_is_input(rule.span, file))
            return
