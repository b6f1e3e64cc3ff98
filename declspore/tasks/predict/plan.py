"""What a ``predict`` would do, from headers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from declspore.dataclass import dataclass
from declspore.ir.network import Network
from declspore.ir.term import Term
from declspore.plan import errors
from declspore.plan.context import PlanContext
from declspore.plan.headers import network_entries
from declspore.plan.loading import PlannedLoad, plan_load
from declspore.plan.packages import check_packages
from declspore.plan.samples import sample_files
from declspore.plan.task import DataFile, ReadFile, TaskPlan
from declspore.registry.data import SourceKind, Unavailable
from declspore.registry.table import vocabulary
from declspore.regular import read_small
from declspore.spelling import Json, count
from declspore.tasks.predict.continuing import check_continued
from declspore.tasks.predict.kind import ClassNames, PredictTask, names_misfit

_MOST_NAMES = 64 << 20
"""Bytes of a file of names."""


@dataclass(frozen=True)
class PredictPlan(TaskPlan):
    """``classes`` are the names of the classes, None where they have none; ``continued`` is the
    state of an interrupted process that is continued from."""

    task: PredictTask
    samples: int
    batches: int
    load: PlannedLoad | None
    classes: tuple[str, ...] | None
    continued: str | None = None

    @property
    def title(self) -> str:
        return f"predict {self.task.name}: {self.task.network.name}, {self._data}"

    @property
    def _data(self) -> str:
        return f"{self.samples:,} samples, {count(self.batches, 'batch', 'batches')}"

    def lines(self) -> Iterator[str]:
        task = self.task
        yield f"predict {task.name}"
        entries = count(len(task.network.parameters), "parameter")
        yield f"  network    {task.network.name}: {entries}"
        if self.load is not None:
            yield self.load.line()
        yield f"  data       {self._data}"
        if task.metrics:
            yield f"  metrics    {', '.join(metric.name for metric in task.metrics)}"
        for condition in task.conditions:
            yield f"  ensure     {condition.expression.text}"
        columns = ", ".join(map(str, task.columns))
        for saved in task.saves:
            yield f"  saves      {saved.path}: {columns}"
        if self.continued is not None:
            yield f"  continues  {self.continued}"

    def facts(self) -> dict[str, Json]:
        return {
            "network": self.task.network.name,
            "samples": self.samples,
            "batches": self.batches,
            "load": None if self.load is None else self.load.facts(),
            "columns": [str(column) for column in self.task.columns],
            "metrics": [metric.name for metric in self.task.metrics],
            "saves": [saved.path for saved in self.task.saves],
            "continues": self.continued,
        }

    def reads(self) -> Iterable[ReadFile]:
        return () if self.load is None else (self.load.read(),)

    def reads_data(self) -> Iterable[DataFile]:
        yield from sample_files(self.task.dataset, self.task.span)
        classes = self.task.classes
        if classes is not None and classes.path is not None:
            yield DataFile("classes", classes.path, classes.span)

    def writes(self) -> Iterable[str]:
        return tuple(saved.path for saved in self.task.saves)

    def networks(self) -> Iterable[Network]:
        return (self.task.network,)

    @property
    def dataset(self) -> Term:
        return self.task.dataset.pipeline.source


def plan_predict(task: PredictTask, context: PlanContext) -> PredictPlan | None:
    """The plan of a prediction, or None with every problem reported."""
    counted = context.count(task.dataset)
    load = plan_load(task.load, network_entries(task.network), task.name, context)
    fits, classes = _class_names(task, context)
    for saved in task.saves:
        context.check_writable(saved.path, saved.span)
        format = saved.format
        if format.module is not None and format.extra is not None:
            use = f"a {format.suffix} file"
            fits &= check_packages([format.module], format.extra, use, saved.span, context.sink)
        if load is not None and load.known.is_encrypted:
            context.sink.report(errors.not_encrypted(saved.span, saved.path, load.path))
    if counted is None or not fits or (task.load is not None and load is None):
        return None
    plan = PredictPlan(task, *counted, load, classes)
    return replace(plan, continued=check_continued(plan, task, load, classes, context))


def _class_names(task: PredictTask, context: PlanContext) -> tuple[bool, tuple[str, ...] | None]:
    """Whether the names of the classes fit, and the names; what does not fit is reported."""
    given = task.classes
    if given is None or given.names is not None:
        return True, None if given is None else given.names
    try:
        names = _read_names(given)
    except Unavailable as error:
        context.sink.report(errors.unavailable(given.span, str(error), error.helps))
        return False, None
    wrong = tuple(names_misfit(task, names))
    for each in wrong:
        context.sink.report(each)
    return not wrong, names


def _read_names(given: ClassNames) -> tuple[str, ...]:
    """The names of a file, or of the classes of a dataset. Raises Unavailable."""
    if given.source is not None:
        kind = vocabulary().of(SourceKind, given.source.word)
        names = kind.classes(given.source.arguments)
        if not names:
            raise Unavailable(f"{given.source.word} does not name its classes")
        return names
    assert given.path is not None
    try:
        text = read_small(given.path, _MOST_NAMES).decode()
    except FileNotFoundError:
        raise Unavailable(f"{given.path} is missing") from None
    except OSError as error:
        raise Unavailable(f"{given.path} cannot be read: {error.strerror}") from None
    except UnicodeDecodeError as error:
        raise Unavailable(f"{given.path} cannot be read: {error}") from None
    return tuple(line.strip() for line in text.splitlines() if line.strip())
