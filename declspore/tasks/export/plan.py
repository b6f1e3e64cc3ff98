"""What an ``export`` would do, from headers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from declspore.dataclass import dataclass
from declspore.exports.refusing import check_export, in_use
from declspore.ir.network import Network
from declspore.ir.term import Term
from declspore.plan import errors
from declspore.plan.context import PlanContext
from declspore.plan.headers import network_entries
from declspore.plan.loading import PlannedLoad, plan_load
from declspore.plan.samples import sample_files
from declspore.plan.task import DataFile, ReadFile, TaskPlan
from declspore.spelling import Json, count
from declspore.tasks.export.kind import ExportTask, Saved


@dataclass(frozen=True)
class ExportPlan(TaskPlan):
    task: ExportTask
    load: PlannedLoad | None

    @property
    def title(self) -> str:
        files = count(len(self.task.saves), "file")
        return f"export {self.task.name}: {self.task.network.name}, {files}"

    def lines(self) -> Iterator[str]:
        task = self.task
        yield f"export {task.name}"
        entries = count(len(task.network.parameters), "parameter")
        yield f"  network    {task.network.name}: {entries}"
        if self.load is not None:
            yield self.load.line()
        if task.metrics:
            yield f"  metrics    {', '.join(metric.name for metric in task.metrics)} of each file"
        for condition in task.conditions:
            yield f"  ensure     {condition.expression.text}"
        if task.preparation is not None:
            entry, words = task.preparation.entry, ", ".join(task.preparation.words)
            yield f"  prepares   {entry.name}: {entry.type} by {words}, inside the file"
            if task.preparation.changes_items:
                yield f"             at most {_levels(task)} from the pictures of the dataset"
        for saved in task.saves:
            yield f"  saves      {saved.path}: {saved.format.title}"

    def facts(self) -> dict[str, Json]:
        return {
            "network": self.task.network.name,
            "load": None if self.load is None else self.load.facts(),
            "precision": self.task.precision,
            "metrics": [metric.name for metric in self.task.metrics],
            "saves": [saved.path for saved in self.task.saves],
        }

    def reads(self) -> Iterable[ReadFile]:
        return () if self.load is None else (self.load.read(),)

    def reads_data(self) -> Iterable[DataFile]:
        if self.task.dataset is not None:
            yield from sample_files(self.task.dataset, self.task.span)

    def writes(self) -> Iterable[str]:
        return tuple(saved.path for saved in self.task.saves)

    def networks(self) -> Iterable[Network]:
        return (self.task.network,)

    @property
    def dataset(self) -> Term | None:
        dataset = self.task.dataset
        return None if dataset is None else dataset.pipeline.source


def _levels(task: ExportTask) -> str:
    assert task.preparation is not None
    return f"{count(task.preparation.levels, 'level')} of 255"


def plan_export(task: ExportTask, context: PlanContext) -> ExportPlan | None:
    """The plan of an export, or None with every problem reported."""
    before = len(context.sink.errors)
    for dataset in (task.samples, task.dataset):
        if dataset is not None:
            context.count(dataset)
    load = plan_load(task.load, network_entries(task.network), task.name, context)
    for saved in task.saves:
        _check_place(saved, context)
        if load is not None and load.known.is_encrypted:
            context.sink.report(errors.not_encrypted(saved.span, saved.path, load.path))
        precision = task.precision if len(saved.format.precisions) > 1 else "float32"
        check_export(
            saved.format,
            task.network,
            saved.span,
            context.sink,
            data_format=task.data_format,
            precision=precision,
            has_samples=task.samples is not None,
            preparation=task.preparation,
        )
    if len(context.sink.errors) > before or (task.load is not None and load is None):
        return None
    return ExportPlan(task, load)


def _check_place(saved: Saved, context: PlanContext) -> None:
    """Report a place where the file cannot be put."""
    if not saved.format.is_folder:
        context.check_writable(saved.path, saved.span)
    elif (reason := in_use(saved.path)) is not None:
        context.sink.report(errors.unwritable(saved.span, saved.path, reason))
    else:
        context.check_writable(f"{saved.path}saved_model.pb", saved.span)
