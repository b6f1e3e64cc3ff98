"""``train`` in a spec: what it is made of, and whether it fits together."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import cast

from declspore.check import errors
from declspore.check.attributes import Attributes
from declspore.check.datasets import Dataset, Labels
from declspore.check.feeding import check_classes, fed_losses, losses_of, numbered, output_types
from declspore.check.loading import EXCEPTIONS, LOAD, RESUME, Load, load_of
from declspore.check.task import Task, TaskAttribute, TaskKind, TaskStatement
from declspore.dataclass import dataclass
from declspore.ir.amount import Amount
from declspore.ir.devices import MOST_DEVICES, STATISTICS, Statistics
from declspore.ir.network import Network
from declspore.ir.term import Term, show
from declspore.language.domain import Evaluation
from declspore.language.errors import misfit
from declspore.language.scope import Scope
from declspore.language.values import CheckpointRef, describe
from declspore.registry.feeding import Fed
from declspore.registry.kind import Misfit
from declspore.registry.optimizer import OptimizerKind
from declspore.registry.table import vocabulary
from declspore.spelling import did_you_mean
from declspore.syntax import ast
from declspore.tasks.train.policies import (
    Frozen,
    StatedPolicy,
    checked_policies,
    frozen_of,
    stated,
)
from declspore.tasks.train.saving import (
    LogRule,
    SaveRule,
    check_log,
    check_paths,
    check_save,
    outputs_of,
    whole_clauses,
)

_UNITS = ("epoch", "step")


@dataclass(frozen=True)
class TrainTask(Task):
    network: Network
    dataset: Dataset
    losses: tuple[Fed, ...]
    optimizer: Term
    policies: tuple[StatedPolicy, ...]
    frozen: Frozen
    length: Amount
    seed: int
    load: Load | None
    saves: tuple[SaveRule, ...]
    logs: tuple[LogRule, ...]
    statistics: Statistics = "batch"
    devices: int = 1

    def references(self) -> Iterable[CheckpointRef]:
        return () if self.load is None else (self.load.checkpoint,)

    def labels(self) -> Iterator[Labels]:
        datasets = [self.dataset, *(v.dataset for p in self.policies if (v := p.validation))]
        return numbered(self.network, datasets, self.losses)


def check_train(
    kind: TaskKind, task: ast.Task, evaluation: Evaluation, scope: Scope
) -> TrainTask | None:
    """The checked task, or None with every problem reported."""
    a = Attributes(kind, task, evaluation, scope)
    network, dataset = a.network(), a.dataset()
    losses, optimizer = losses_of(a), a.term("optimizer", "optimizer")
    length = _length(a)
    seed, load = a.seed(), load_of(a)
    saves = [check_save(clause, a.sink) for clause in whole_clauses(task)]
    logs = tuple(rule for clause in task.clauses("log") for rule in check_log(clause, a.sink))
    check_paths([*(save for save in saves if save is not None), *logs], a.sink)
    terms, statistics, devices = stated(a), _statistics(a), _devices(a)
    frozen, policies = Frozen(), None
    if network:
        frozen = frozen_of(a, network, terms)
        network = frozen.applied(network)
    fed = None
    if network and dataset:
        outputs = output_types(a, network, dataset)
        if outputs is not None:
            check_classes(a, network, dataset, outputs)
            fed = fed_losses(a, losses or (), outputs, dataset)
    if network and optimizer:
        _check_members(a, optimizer, network)
        if terms is not None:
            policies = checked_policies(a, terms, network, optimizer, frozen, saves)
    if not (network and dataset and fed and optimizer and length is not None):
        return None
    if policies is None:
        return None
    known = tuple(save for save in saves if save is not None)
    own = network, dataset, fed, optimizer, policies, frozen, length, seed, load, known, logs
    return TrainTask(kind, task.name.text, task.span, *own, statistics, devices)


def _check_members(a: Attributes, optimizer: Term, network: Network) -> None:
    """Report groups of an optimizer that do not fit the network's parameters."""
    kind = vocabulary().of(OptimizerKind, optimizer.word)
    try:
        kind.members(optimizer.arguments, [p.name for p in network.trainable])
    except Misfit as error:
        span = error.at or optimizer.span or a.span("optimizer")
        a.sink.report(misfit(span, optimizer.word, str(error), error.help))


def _devices(a: Attributes) -> int:
    found = a.expect("devices", int, "an integer")
    if found is not None and not 1 <= found <= MOST_DEVICES:
        reason = f"is a number from 1 to {MOST_DEVICES}, found {found}"
        a.sink.report(errors.bad_clause(a.span("devices"), "devices", reason))
    return found or 1


def _statistics(a: Attributes) -> Statistics:
    found = a.expect("statistics", str, "a string")
    if found is None or found in STATISTICS:
        return cast(Statistics, found or "batch")
    known = ", ".join(f'"{each}"' for each in STATISTICS)
    near = did_you_mean(found, STATISTICS)
    reason = f"is one of {known}, found {show(found)}"
    a.sink.report(errors.bad_clause(a.span("statistics"), "statistics", reason, *near[:1]))
    return "batch"


def _length(a: Attributes) -> Amount | None:
    value = a.known("length")
    if value is None:
        return None
    if isinstance(value, Amount) and value.unit in _UNITS and _counts(value.value):
        return value
    expected = "a number of epochs or steps, such as `10 epochs`"
    help = None
    if isinstance(value, Amount) and value.unit in _UNITS and value.value > 1:
        help = f"length = {replace(value, value=round(value.value))}"
    if isinstance(value, int | float) and not isinstance(value, bool) and value >= 1:
        help = f"length = {value:g} epochs, or {value:g} steps"
    span = a.span("length")
    a.sink.report(errors.wrong_unit(span, "length", expected, describe(value), help))
    return None


def _counts(value: float) -> bool:
    return value >= 1 and value == int(value)


KIND = TaskKind(
    name="train",
    summary="Trains a network, and saves checkpoints on the way.",
    example="""train lenet {
  network   = zoo.LeNet5()
  dataset   = digits
  loss      = SoftmaxCrossEntropyWithLogits(sparse = true, reduction = "mean")
  optimizer = Momentum(learning_rate = 0.01, momentum = 0.9)
  length    = 10 epochs
  save "lenet-{epoch}.ckpt" every 1 epochs keep 3
}""",
    check=check_train,
    plan="declspore.tasks.train.plan:plan_train",
    run="declspore.tasks.train.run:run_train",
    output_files="declspore.tasks.train.plan:output_files",
    is_unfinished="declspore.tasks.train.plan:is_unfinished",
    attributes=(
        TaskAttribute("network", "the network with its arguments", required=True),
        TaskAttribute("dataset", "what it is trained on, in batches", required=True),
        TaskAttribute("loss", "a loss, or a list of them", required=True),
        TaskAttribute("optimizer", "an optimizer", required=True),
        TaskAttribute("policies", "what else it does: `[ClipByGlobalNorm(1.0), EMA(0.999)]`"),
        TaskAttribute("freeze", "paths of parameters that are not trained"),
        TaskAttribute("length", "how long: `10 epochs`, `500 steps`", required=True),
        TaskAttribute("seed", "the seed of initial values, dropout and shuffling; default 0"),
        TaskAttribute("devices", "how many GPUs of the machine, or parts of its processor; 1"),
        TaskAttribute(
            "statistics",
            'of batch normalization where workers share a batch: `"batch"`, `"mean"`, `"rank"`',
        ),
        LOAD,
        RESUME,
        *EXCEPTIONS,
    ),
    statements=(
        TaskStatement(
            "save", "checkpoints at an interval (the last step always), or of the best figures"
        ),
        TaskStatement("log", "every step and figure: a `.csv`, `.jsonl`, `.html`, or `events/`"),
    ),
    outputs=outputs_of,
    shares=True,
    sweeps="declspore.tasks.train.rate:find_rate",
    names=lambda task: None,
)
