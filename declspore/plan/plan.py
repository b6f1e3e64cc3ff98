"""The planner's door: which tasks run in which order, and what each would do."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from declspore.check.datasets import infer_element
from declspore.check.result import (
    CheckedSpec,
    Dataset,
    EditTask,
    EvalTask,
    Input,
    SaveRule,
    Task,
    TrainTask,
)
from declspore.check.values import CheckpointFile, CheckpointRef, FileList, TaskOutput
from declspore.checkpoint.atomic import same_file
from declspore.diagnostic import Diagnostic, FilePlace, Label
from declspore.ir.formula import words
from declspore.ir.header import Header, HeaderEntry
from declspore.ir.term import Term
from declspore.plan import errors
from declspore.plan.bind import BindPlan, bind_load
from declspore.plan.conditions import Verdict, edit_views, judge
from declspore.plan.edit import EditPlan, plan_edit
from declspore.plan.files import ckpt, expanded, open_term, path_of
from declspore.plan.headers import network_entries, rates_of, training_entries, training_header
from declspore.plan.training import Schedule
from declspore.registry.data import SourceKind, Unavailable
from declspore.registry.table import vocabulary
from declspore.registry.tensor import TensorKind
from declspore.report import DiagnosticError, Sink
from declspore.source import Span


@dataclass(frozen=True)
class TrainPlan:
    task: TrainTask
    samples: int
    schedule: Schedule
    load: PlannedLoad | None
    header: Header


@dataclass(frozen=True)
class EvalPlan:
    task: EvalTask
    samples: int
    batches: int
    load: PlannedLoad | None


@dataclass(frozen=True)
class PlannedEdit:
    """An edit with the files its inputs are read from and how its ensures stand."""

    task: EditTask
    edit: EditPlan
    files: dict[str, tuple[Term, ...]]
    verdicts: tuple[Verdict, ...]

    @property
    def paths(self) -> dict[str, tuple[str, ...]]:
        """The paths of each input's files."""
        return {name: tuple(map(path_of, files)) for name, files in self.files.items()}


@dataclass(frozen=True)
class PlannedLoad:
    """A checkpoint to be read from ``file``, and how it binds."""

    file: Term
    bind: BindPlan
    resume: bool

    @property
    def path(self) -> str:
        return path_of(self.file)


TaskPlan = TrainPlan | EvalPlan | PlannedEdit


@dataclass(frozen=True)
class Plan:
    """What would run, in order. ``reused`` are tasks whose output is there and taken as it is."""

    spec: CheckedSpec
    tasks: tuple[TaskPlan, ...]
    reused: dict[str, str]
    warnings: tuple[Diagnostic, ...]


def make_plan(
    spec: CheckedSpec,
    wanted: Sequence[str] = (),
    *,
    in_place: bool = False,
    allow_python: bool = False,
) -> Plan:
    """Plan the wanted tasks and what they need (all tasks, where none is named).

    A task that is needed but not named is not run again where its output is there. An edit may
    replace its own input only ``in_place``. Functions of Python are called by tensors of edits only
    with ``allow_python``. Raises DiagnosticError with every problem found.
    """
    return _Planner(spec, in_place, allow_python).plan(wanted)


class _Planner:
    def __init__(self, spec: CheckedSpec, in_place: bool, allow_python: bool) -> None:
        self._spec = spec
        self._in_place = in_place
        self._allow_python = allow_python
        self._sink = Sink()
        self._summed: set[str] = set()
        self._secret: set[str] = set()
        """Files that are there and have a CRC, or are encrypted."""
        self._planned: dict[str, TaskPlan] = {}
        self._reused: dict[str, Term] = {}
        self._running: list[str] = []
        self._wanted: set[str] = set()

    def plan(self, wanted: Sequence[str]) -> Plan:
        known = list(self._spec.tasks)
        for name in wanted:
            if name not in known:
                self._sink.report(errors.unknown_task(name, known))
        self._sink.raise_errors()
        self._wanted = set(wanted or known)
        for name in known:
            if name in self._wanted:
                self._visit(name)
        self._sink.raise_errors()
        ordered = tuple(self._planned.values())
        reused = {name: path_of(file) for name, file in self._reused.items()}
        return Plan(self._spec, ordered, reused, self._sink.diagnostics)

    # ---- order

    def _visit(self, name: str) -> None:
        """Plan a task after those it needs."""
        task = self._spec.tasks[name]
        if name in self._planned or name in self._reused:
            return
        if name in self._running:
            self._sink.report(errors.task_cycle(task.span, name))
            return
        self._running.append(name)
        for ref in _references(task):
            producer = self._producer(ref, name)
            if producer is not None:
                self._need(producer)
        self._running.pop()
        try:
            planned = self._plan_task(task)
        except DiagnosticError as error:
            for diagnostic in error.diagnostics:
                self._sink.report(diagnostic)
            return
        if planned is not None:
            self._planned[name] = planned

    def _need(self, name: str) -> None:
        file = self._output(name)
        if name not in self._wanted and file is not None and os.path.exists(path_of(file)):
            self._reused[name] = file
        else:
            self._visit(name)

    def _producer(self, ref: CheckpointRef, asking: str) -> str | None:
        """The other task that writes a checkpoint: by reference, or because the paths agree."""
        if isinstance(ref, TaskOutput):
            return ref.task
        for name in self._spec.tasks:
            if name != asking and any(
                _same_path(path_of(file), ref.path) for file in self._written(name)
            ):
                return name
        return None

    def _written(self, name: str) -> tuple[Term, ...]:
        """The files a task writes that another may read."""
        task = self._spec.tasks[name]
        if isinstance(task, EditTask):
            return task.files
        output = self._output(name)
        return () if output is None else (output,)

    def _output(self, name: str) -> Term | None:
        """The (last) file a task writes, or None where it writes none or its size is unknown."""
        match self._spec.tasks.get(name):
            case EditTask(files=files):
                return files[0]
            case TrainTask(saves=saves) as task if saves:
                counted = self._count(task.dataset, Sink())
                if counted is None:
                    return None
                return ckpt(Schedule.of(task, counted[1]).last_file(saves[0]))
        return None

    # ---- headers

    def _predicted(self, producer: str, ref: CheckpointRef) -> tuple[Term, Header] | None:
        """The file and header that a task of this plan will have written."""
        planned = self._planned.get(producer)
        match planned:
            case PlannedEdit(task=task, edit=edit):
                for output in task.outputs:
                    for file, header in zip(output.files, edit.headers[output.name], strict=True):
                        if _names(ref, output.name, file):
                            return file, header
            case TrainPlan(header=header):
                written = self._output(producer)
                if written is not None:
                    return written, Header(path_of(written), header.entries)
        return None

    def _header(self, ref: CheckpointRef, asking: str) -> tuple[Term, Header] | None:
        """A checkpoint's file and header: predicted where a task of this plan writes it."""
        producer = self._producer(ref, asking)
        if producer is not None and producer not in self._reused:
            found = self._predicted(producer, ref)
            return None if found is None else (_stated(ref, found[0]), found[1])
        file = _stated(ref, self._reused[producer] if producer is not None else None)
        try:
            with open_term(file) as checkpoint:
                if checkpoint.crc is not None:
                    self._summed.add(path_of(file))
                if checkpoint.mode is not None:
                    self._secret.add(path_of(file))
                return file, checkpoint.header
        except DiagnosticError as error:
            for diagnostic in error.diagnostics:
                self._sink.report(_seen_from(diagnostic, ref.span))
            return None

    # ---- tasks

    def _plan_task(self, task: Task) -> TaskPlan | None:
        match task:
            case TrainTask():
                return self._plan_train(task)
            case EvalTask():
                return self._plan_eval(task)
            case EditTask():
                return self._plan_edit(task)

    def _plan_train(self, task: TrainTask) -> TrainPlan | None:
        counted = self._count(task.dataset, self._sink)
        entries = network_entries(task.network)
        if task.load is not None and task.load.resume:
            entries = training_entries(task.network, task.optimizer)
        load = self._load(task, entries)
        if counted is None or (task.load is not None and load is None):
            return None
        samples, batches = counted
        schedule = Schedule.of(task, batches)
        for rule in task.saves:
            self._check_writable(schedule.last_file(rule), rule.span)
            if load is not None and not self._in_place:
                self._check_spared(load.path, rule, schedule)
        for rate in rates_of(task.optimizer, task.network):
            if isinstance(rate, tuple) and len(rate) < schedule.steps:
                span = task.optimizer.span or task.span
                self._sink.report(errors.too_few_rates(span, len(rate), schedule.steps))
        return TrainPlan(task, samples, schedule, load, training_header(task))

    def _plan_eval(self, task: EvalTask) -> EvalPlan | None:
        counted = self._count(task.dataset, self._sink)
        load = self._load(task, network_entries(task.network))
        if counted is None or (task.load is not None and load is None):
            return None
        return EvalPlan(task, *counted, load)

    def _plan_edit(self, task: EditTask) -> PlannedEdit | None:
        files: dict[str, tuple[Term, ...]] = {}
        headers: dict[str, tuple[Header, ...]] = {}
        for each in task.inputs:
            found = self._input(each, task.name)
            if found is not None:
                files[each.name], headers[each.name] = found
        if len(headers) < len(task.inputs):
            return None
        given = [file for terms in files.values() for file in terms]
        self._check_outputs(task, given)
        self._check_protection(task, given)
        edit = plan_edit(task, headers, self._sink)
        if edit is None:
            return None
        self._check_code(edit)
        verdicts = judge(task.conditions, edit_views(task, edit), self._sink)
        return PlannedEdit(task, edit, files, verdicts)

    def _input(
        self, given: Input, asking: str
    ) -> tuple[tuple[Term, ...], tuple[Header, ...]] | None:
        """The files of an input, and their headers."""
        refs: list[CheckpointRef] = []
        for ref in given.refs:
            if not isinstance(ref, FileList):
                refs.append(ref)
                continue
            terms = expanded(ref.term)
            if not terms:
                self._sink.report(errors.no_files(ref.span, ref.path))
            refs += [CheckpointFile(term, ref.span) for term in terms]
        found = [self._header(ref, asking) for ref in refs]
        known = [pair for pair in found if pair is not None]
        if not known or len(known) < len(found):
            return None
        return tuple(file for file, _ in known), tuple(header for _, header in known)

    def _check_code(self, edit: EditPlan) -> None:
        """Report every word that runs code, unless that is allowed."""
        if self._allow_python:
            return
        places = {
            (word.span.start, word.span.end): word
            for formula in edit.formulas
            for word in words(formula)
            if word.family == "tensor" and vocabulary().of(TensorKind, word.word).runs_code
        }
        for word in places.values():
            self._sink.report(errors.runs_code(word.span, word.word))

    def _check_protection(self, task: EditTask, inputs: list[Term]) -> None:
        """Warn where an input has a CRC or is encrypted, and an output is not to be."""
        paths = [path_of(file) for file in inputs]
        summed = [path for path in paths if path in self._summed]
        secret = [path for path in paths if path in self._secret]
        for output in task.outputs:
            for file in output.files[:1]:
                if summed and not file.arguments.get("crc"):
                    self._sink.report(errors.crc_lost(output.span, path_of(file), summed[0]))
                key = file.arguments.get("key_env") or file.arguments.get("key_file")
                if secret and not key:
                    self._sink.report(errors.key_lost(output.span, path_of(file), secret[0]))

    def _check_outputs(self, task: EditTask, inputs: list[Term]) -> None:
        seen: list[str] = []
        for output in task.outputs:
            for path in output.paths:
                if not self._in_place and any(_same_path(path, path_of(file)) for file in inputs):
                    self._sink.report(errors.output_is_input(output.span, path))
                if any(_same_path(path, other) for other in seen):
                    self._sink.report(errors.written_twice(output.span, path))
                seen.append(path)
                self._check_writable(path, output.span)

    def _load(
        self, task: TrainTask | EvalTask, entries: Sequence[HeaderEntry]
    ) -> PlannedLoad | None:
        load = task.load
        if load is None:
            return None
        found = self._header(load.checkpoint, task.name)
        if found is None:
            return None
        file, header = found
        trains = isinstance(task, TrainTask)
        bound = bind_load(entries, header, self._sink, load, trains=trains)
        return None if bound is None else PlannedLoad(file, bound, load.resume)

    def _check_spared(self, path: str, rule: SaveRule, schedule: Schedule) -> None:
        """Report a checkpoint that the training which begins with it would write over."""
        names = {os.path.basename(path), os.path.basename(os.path.realpath(path))}
        for file in dict.fromkeys(schedule.files(rule)):
            if os.path.basename(file) in names and _same_path(file, path):
                self._sink.report(errors.output_is_input(rule.span, file))
                return

    def _check_writable(self, path: str, span: Span) -> None:
        """Report a place where no file can be put, before hours are spent on its contents."""
        folder = os.path.dirname(os.path.abspath(path))
        while not os.path.lexists(folder):
            folder = os.path.dirname(folder)
        if os.path.isdir(path):
            reason = "it is a folder"
        elif not os.path.isdir(folder):
            reason = f"{folder} is no folder"
        elif not os.access(folder, os.R_OK | os.W_OK | os.X_OK):
            reason = f"{folder} is not writable"
        else:
            return
        self._sink.report(errors.unwritable(span, path, reason))

    def _count(self, dataset: Dataset, sink: Sink) -> tuple[int, int] | None:
        """Samples in the source and batches out of the pipeline, from headers and listings."""
        source = dataset.pipeline.source
        kind = vocabulary().of(SourceKind, source.word)
        try:
            samples = kind.size(source.arguments)
        except Unavailable as error:
            given = (v for v in source.arguments.values() if isinstance(v, str))
            near = () if source.span is None else _beside_spec(source.span, given)
            helps = (*near, *error.helps)
            sink.report(errors.unavailable(source.span, str(error), helps))
            return None
        element = infer_element(dataset.pipeline, samples, sink, dataset.span)
        if element is None or element.count is None:
            return None
        return samples, element.count


def _references(task: Task) -> Iterator[CheckpointRef]:
    match task:
        case TrainTask(load=load) | EvalTask(load=load):
            if load is not None:
                yield load.checkpoint
        case EditTask(inputs=inputs):
            yield from (
                ref for each in inputs for ref in each.refs if not isinstance(ref, FileList)
            )


def _names(ref: CheckpointRef, output: str, file: Term) -> bool:
    """Whether a reference to a task's output means this file of it."""
    if isinstance(ref, TaskOutput):
        return ref.output == output
    return _same_path(path_of(file), ref.path)


def _stated(ref: CheckpointRef, produced: Term | None) -> Term:
    """The file as the reference states it, with its key, or as the task that writes it does."""
    if not isinstance(ref, TaskOutput):
        return ref.term
    assert produced is not None
    return produced


def _same_path(one: str, other: str) -> bool:
    return os.path.realpath(one) == os.path.realpath(other) or same_file(one, other)


def _seen_from(diagnostic: Diagnostic, span: Span) -> Diagnostic:
    """The diagnostic of a file, with the line of the spec that names the file."""
    paths = [each.place.path for each in diagnostic.labels if isinstance(each.place, FilePlace)]
    return replace(
        diagnostic,
        labels=(*diagnostic.labels, Label(span, "named here")),
        helps=(*diagnostic.helps, *_beside_spec(span, paths)),
    )


def _beside_spec(span: Span, paths: Iterable[str]) -> tuple[str, ...]:
    """Where a file that is not seen from this folder would be seen from the spec's."""
    folder = os.path.dirname(span.source.path or span.source.name)
    for path in paths:
        if not os.path.exists(path) and os.path.exists(os.path.join(folder, path)):
            where = "files are seen from the folder declspore runs in"
            return (f"{where}; {path} is in {folder}",)
    return ()
