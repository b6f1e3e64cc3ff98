"""``eval`` in a spec: what it is made of, and whether it fits together."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from declspore.check.attributes import Attributes
from declspore.check.conditions import Condition
from declspore.check.datasets import Dataset, Labels
from declspore.check.feeding import (
    check_classes,
    fed_losses,
    fed_metrics,
    losses_of,
    metrics_of,
    numbered,
    output_types,
    require_loss,
)
from declspore.check.figures import conditions_on
from declspore.check.loading import EXCEPTIONS, Load, load_of
from declspore.check.task import Task, TaskAttribute, TaskKind, TaskStatement
from declspore.dataclass import dataclass
from declspore.ir.network import Network
from declspore.language.domain import Evaluation
from declspore.language.scope import Scope
from declspore.language.values import CheckpointRef
from declspore.registry.feeding import Fed
from declspore.syntax import ast


@dataclass(frozen=True)
class EvalTask(Task):
    network: Network
    dataset: Dataset
    losses: tuple[Fed, ...]
    metrics: tuple[Fed, ...]
    seed: int
    load: Load | None
    conditions: tuple[Condition, ...]

    def references(self) -> Iterable[CheckpointRef]:
        return () if self.load is None else (self.load.checkpoint,)

    def labels(self) -> Iterator[Labels]:
        datasets = [self.dataset]
        return numbered(self.network, datasets, self.losses)


def check_eval(
    kind: TaskKind, task: ast.Task, evaluation: Evaluation, scope: Scope
) -> EvalTask | None:
    """The checked task, or None with every problem reported."""
    a = Attributes(kind, task, evaluation, scope)
    network, dataset, losses = a.network(), a.dataset(), losses_of(a)
    metrics = metrics_of(a)
    seed, load = a.seed(), load_of(a)
    fed: tuple[Fed, ...] | None = ()
    figures: tuple[Fed, ...] | None = None
    if network and dataset:
        outputs = output_types(a, network, dataset)
        if outputs is None:
            fed = None
        else:
            check_classes(a, network, dataset, outputs)
            fed = fed_losses(a, losses or (), outputs, dataset)
            figures = fed_metrics(a, metrics or (), outputs, dataset)
    require_loss(a, metrics or (), losses)
    conditions = conditions_on(task, figures or (), evaluation, scope)
    if not (network and dataset and figures and fed is not None):
        return None
    own = network, dataset, fed, figures, seed, load, conditions
    return EvalTask(kind, task.name.text, task.span, *own)


KIND = TaskKind(
    name="eval",
    summary="Measures a network over a dataset.",
    example="""eval check {
  network = zoo.LeNet5()
  load    = ckpt("lenet.ckpt")
  dataset = test
  metrics = [Accuracy()]
  ensure accuracy >= 90%
}""",
    check=check_eval,
    plan="declspore.tasks.eval.plan:plan_eval",
    run="declspore.tasks.eval.run:run_eval",
    attributes=(
        TaskAttribute("network", "the network with its arguments", required=True),
        TaskAttribute("dataset", "what it is measured on, in batches", required=True),
        TaskAttribute("metrics", "a metric, or a list of them", required=True),
        TaskAttribute("loss", "a loss, or a list of them, for the metric `Loss()`"),
        TaskAttribute("seed", "the seed of initial values, dropout and shuffling; default 0"),
        TaskAttribute("load", "a checkpoint; `none` for an untrained network", required=True),
        *EXCEPTIONS,
    ),
    statements=(TaskStatement("ensure", "what the figures must be, or the run fails"),),
    names=lambda task: None,
)
