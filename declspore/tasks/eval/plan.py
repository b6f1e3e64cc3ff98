"""What an ``eval`` would do, from headers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from declspore.dataclass import dataclass
from declspore.ir.network import Network
from declspore.ir.term import Term
from declspore.plan.context import PlanContext
from declspore.plan.headers import network_entries
from declspore.plan.loading import PlannedLoad, plan_load
from declspore.plan.samples import sample_files
from declspore.plan.task import DataFile, ReadFile, TaskPlan
from declspore.spelling import Json, count
from declspore.tasks.eval.kind import EvalTask


@dataclass(frozen=True)
class EvalPlan(TaskPlan):
    task: EvalTask
    samples: int
    batches: int
    load: PlannedLoad | None

    @property
    def title(self) -> str:
        batches = count(self.batches, "batch", "batches")
        return f"eval {self.task.name}: {self.task.network.name}, {batches}"

    def lines(self) -> Iterator[str]:
        task = self.task
        yield f"eval {task.name}"
        entries = count(len(task.network.parameters), "parameter")
        yield f"  network    {task.network.name}: {entries}"
        if self.load is not None:
            yield self.load.line()
        batches = count(self.batches, "batch", "batches")
        yield f"  data       {self.samples:,} samples, {batches}"
        yield f"  metrics    {', '.join(metric.name for metric in task.metrics)}"
        for condition in task.conditions:
            yield f"  ensure     {condition.expression.text}"

    def facts(self) -> dict[str, Json]:
        return {
            "network": self.task.network.name,
            "samples": self.samples,
            "batches": self.batches,
            "load": None if self.load is None else self.load.facts(),
            "metrics": [metric.name for metric in self.task.metrics],
        }

    def reads(self) -> Iterable[ReadFile]:
        return () if self.load is None else (self.load.read(),)

    def reads_data(self) -> Iterable[DataFile]:
        return sample_files(self.task.dataset, self.task.span)

    def networks(self) -> Iterable[Network]:
        return (self.task.network,)

    @property
    def seed(self) -> int:
        return self.task.seed

    @property
    def dataset(self) -> Term:
        return self.task.dataset.pipeline.source


def plan_eval(task: EvalTask, context: PlanContext) -> EvalPlan | None:
    """The plan of an evaluation, or None with every problem reported."""
    counted = context.count(task.dataset, labels_of=task.network)
    load = plan_load(task.load, network_entries(task.network), task.name, context)
    if counted is None or (task.load is not None and load is None):
        return None
    return EvalPlan(task, *counted, load)
