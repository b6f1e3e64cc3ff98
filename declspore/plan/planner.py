"""The planner's door: which tasks run in which order, and what each would do."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence

from declspore import engine
from declspore.check.spec import CheckedSpec
from declspore.collector import paused
from declspore.dataclass import dataclass
from declspore.diagnostic import Diagnostic
from declspore.ir.term import Term
from declspore.language.values import CheckpointRef, TaskOutput
from declspore.plan import errors
from declspore.plan.context import KnownFile, PlanContext, named_in_spec
from declspore.plan.files import path_of
from declspore.plan.opened import OpenedHeaders
from declspore.plan.task import TaskPlan, is_unfinished, output_files, plan_task
from declspore.report import DiagnosticError, Sink
from declspore.same_file import same_path


@dataclass(frozen=True)
class Plan:
    """What would run, in order. ``reused`` are tasks whose output exists and is taken as it is."""

    spec: CheckedSpec
    tasks: tuple[TaskPlan, ...]
    reused: Mapping[str, str]
    warnings: tuple[Diagnostic, ...]


def make_plan(
    spec: CheckedSpec,
    wanted: Sequence[str] = (),
    *,
    in_place: bool = False,
    allow_python: bool = False,
    restarts: bool = False,
    workers: int = 1,
    opened: OpenedHeaders | None = None,
) -> Plan:
    """Plan the wanted tasks and what they need (all tasks, where none is named).

    A task that is needed but not named is not run again where its output exists, unless it was
    interrupted. An edit may replace its own input only ``in_place``. Functions of Python are called
    by tensors of edits only with ``allow_python``. Interrupted trainings are continued unless the
    plan ``restarts`` them. Plans that share ``opened`` read the header of a checkpoint once. Raises
    DiagnosticError with every problem found.
    """
    with paused():
        planner = _Planner(
            spec, in_place, allow_python, restarts, workers, opened or OpenedHeaders()
        )
        return planner.plan(wanted)


class _Planner:
    def __init__(
        self,
        spec: CheckedSpec,
        in_place: bool,
        allow_python: bool,
        restarts: bool,
        workers: int,
        opened: OpenedHeaders,
    ) -> None:
        self._spec = spec
        self._opened = opened
        self._sink = Sink()
        self._context = PlanContext(
            self._sink, in_place, allow_python, restarts, workers, self._find
        )
        self._files: dict[str, Mapping[str, tuple[Term, ...]]] = {}
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
        self._report_written_over()
        self._sink.raise_errors()
        self._report_missing_engine()
        reused = {name: path_of(file) for name, file in self._reused.items()}
        return Plan(self._spec, tuple(self._planned.values()), reused, self._sink.diagnostics)

    def _report_missing_engine(self) -> None:
        computing = [plan.task.span for plan in self._planned.values() if plan.task.kind.computes]
        packages = engine.missing() if computing else ()
        if packages:
            reason, help = engine.reason(packages), engine.remedy(packages)
            self._sink.report(errors.engine_missing(computing[0], reason, help))

    def _report_written_over(self) -> None:
        """Report tasks that write over their own data, or over what another one has written that
        they do not read."""
        written: dict[str, list[tuple[TaskPlan, str]]] = {}
        for plan in self._planned.values():
            for path in dict.fromkeys(plan.writes()):
                written.setdefault(os.path.basename(path), []).append((plan, path))
        for plan in self._planned.values():
            for data in plan.reads_data():
                for other, path in written.get(os.path.basename(data.path), ()):
                    if other is plan and same_path(path, data.path):
                        name = plan.task.name
                        self._sink.report(errors.output_is_data(data.span, name, path))
        for several in written.values():
            self._report_twice(several)

    def _report_twice(self, several: Sequence[tuple[TaskPlan, str]]) -> None:
        """Report paths of one name that are one file of two tasks."""
        for number, (plan, path) in enumerate(several):
            for other, before in several[:number]:
                alone = not (_reads(plan, path) or _reads(other, path))
                if other is not plan and alone and same_path(path, before):
                    first, second = other.task.name, plan.task.name
                    names = f'"{second}-..."'
                    problem = errors.written_twice(plan.task.span, path, first, second, names)
                    self._sink.report(problem)
                    return

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
        for ref in task.references():
            producer = self._producer(ref, name)
            if producer is not None:
                self._need(producer)
        self._running.pop()
        try:
            planned = plan_task(task, self._context)
        except DiagnosticError as error:
            for diagnostic in error.diagnostics:
                self._sink.report(diagnostic)
            return
        if planned is not None:
            self._planned[name] = planned

    def _need(self, name: str) -> None:
        file = next((file for files in self._written(name).values() for file in files), None)
        exists = file is not None and os.path.exists(path_of(file))
        if name in self._wanted or not exists or is_unfinished(self._spec.tasks[name]):
            self._visit(name)
        elif file is not None:
            self._reused[name] = file

    def _producer(self, ref: CheckpointRef, asking: str) -> str | None:
        """The other task that writes a checkpoint: by reference, or because the paths agree."""
        if isinstance(ref, TaskOutput):
            return ref.task
        for name in self._spec.tasks:
            files = () if name == asking else self._written(name).values()
            if any(same_path(path_of(file), ref.path) for each in files for file in each):
                return name
        return None

    def _written(self, name: str) -> Mapping[str, tuple[Term, ...]]:
        """The files a task writes that another may read, by name."""
        if name not in self._files:
            task = self._spec.tasks.get(name)
            self._files[name] = {} if task is None else output_files(task, self._context)
        return self._files[name]

    # ---- headers

    def _find(self, ref: CheckpointRef, asking: str) -> KnownFile | None:
        """A checkpoint's file and header: predicted where a task of this plan writes it."""
        producer = self._producer(ref, asking)
        if producer is not None and producer not in self._reused:
            return self._predicted(producer, ref)
        file = _stated(ref, self._reused[producer] if producer is not None else None)
        try:
            return self._opened.known(file)
        except DiagnosticError as error:
            for diagnostic in error.diagnostics:
                self._sink.report(named_in_spec(diagnostic, ref.span))
            return None

    def _predicted(self, producer: str, ref: CheckpointRef) -> KnownFile | None:
        """The file and header that a task of this plan will have written."""
        planned = self._planned.get(producer)
        for output in () if planned is None else planned.outputs():
            if _means(ref, output.name, output.file):
                return KnownFile(_stated(ref, output.file), output.header)
        if planned is not None and isinstance(ref, TaskOutput):
            reason = f"the name of `{ref}` is known only once the task has run"
            helps = ("a `save` path without placeholders",)
            self._sink.report(errors.unavailable(ref.span, reason, helps))
        return None


def _reads(plan: TaskPlan, path: str) -> bool:
    return any(same_path(path_of(read.file), path) for read in plan.reads())


def _means(ref: CheckpointRef, output: str, file: Term) -> bool:
    """Whether a reference to a task's output means this file of it."""
    if isinstance(ref, TaskOutput):
        return ref.output == output
    return same_path(path_of(file), ref.path)


def _stated(ref: CheckpointRef, produced: Term | None) -> Term:
    """The file as the reference states it, with its key, or as the task that writes it does."""
    if not isinstance(ref, TaskOutput):
        return ref.term
    assert produced is not None
    return produced
