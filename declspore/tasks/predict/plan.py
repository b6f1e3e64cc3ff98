"""What a ``predict`` would do, from headers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from declspore.ir.network import Network
from declspore.ir.term import Term
from declspore.plan.context import PlanContext
from declspore.plan.headers import network_entries
from declspore.plan.loading import PlannedLoad, plan_load
from declspore.plan.samples import sample_files
from declspore.plan.task import DataFile, Json, ReadFile, TaskPlan
from declspore.spelling import count
from declspore.tasks.predict.kind import PredictTask


@dataclass(frozen=True)
class PredictPlan(TaskPlan):
    task: PredictTask
    samples: int
    batches: int
    load: PlannedLoad | None

    @property
    def title(self) -> str:
        return f"predict {self.task.name}: {self.task.network.name}, {self._data}"

    @property
    def _data(self) -> str:
        return f"{self.samples:,} samples, {count(self.batches, 'batch', 'batches')}"

    def lines(self) -> Iterator[str]:
        network = self.task.network
        yield f"predict {self.task.name}"
        yield f"  network    {network.name}: {count(len(network.parameters), 'parameter')}"
        if self.load is not None:
            yield self.load.line()
        yield f"  data       {self._data}"
        types = ", ".join(str(network.type_of(output)) for output in network.outputs)
        yield f"  saves      {self.task.path}: {types}"

    def facts(self) -> dict[str, Json]:
        return {
            "network": self.task.network.name,
            "samples": self.samples,
            "batches": self.batches,
            "load": None if self.load is None else self.load.facts(),
            "saves": [self.task.path],
        }

    def reads(self) -> Iterable[ReadFile]:
        return () if self.load is None else (self.load.read(),)

    def reads_data(self) -> Iterable[DataFile]:
        return sample_files(self.task.dataset, self.task.span)

    def writes(self) -> Iterable[str]:
        return (self.task.path,)

    def networks(self) -> Iterable[Network]:
        return (self.task.network,)

    @property
    def dataset(self) -> Term:
        return self.task.dataset.pipeline.source


def plan_predict(task: PredictTask, context: PlanContext) -> PredictPlan | None:
    """The plan of a prediction, or None with every problem reported."""
    counted = context.count(task.dataset)
    load = plan_load(task.load, network_entries(task.network), task.name, context)
    context.check_writable(task.path, task.path_span)
    if counted is None or (task.load is not None and load is None):
        return None
    return PredictPlan(task, *counted, load)
