"""``train`` in a spec: what it is made of, and whether it fits together."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from declspore.check import errors
from declspore.check.attributes import Attributes
from declspore.check.datasets import Dataset
from declspore.check.feeding import check_classes, fed_losses, losses_of, output_types
from declspore.check.loading import EXCEPTIONS, LOAD, RESUME, Load, load_of
from declspore.check.task import Task, TaskAttribute, TaskKind, TaskStatement
from declspore.ir.amount import Amount
from declspore.ir.network import Network
from declspore.ir.term import Term
from declspore.language.domain import Evaluation
from declspore.language.errors import misfit
from declspore.language.scope import Scope
from declspore.language.values import CheckpointRef, describe
from declspore.registry.feeding import Fed
from declspore.registry.kind import Misfit
from declspore.registry.optimizer import OptimizerKind
from declspore.registry.table import vocabulary
from declspore.report import Sink
from declspore.source import Span
from declspore.syntax import ast
from declspore.tasks.train.policies import (
    Frozen,
    StatedPolicy,
    checked_policies,
    frozen_of,
    stated,
)

_PLACEHOLDERS = ("epoch", "step")
_UNITS = ("epoch", "step")


@dataclass(frozen=True)
class SaveRule:
    """Save to ``path`` every so many epochs or steps, keeping the newest ``keep`` files."""

    path: str
    every: Amount
    keep: int | None
    span: Span


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

    def references(self) -> Iterable[CheckpointRef]:
        return () if self.load is None else (self.load.checkpoint,)


def check_train(
    kind: TaskKind, task: ast.Task, evaluation: Evaluation, scope: Scope
) -> TrainTask | None:
    """The checked task, or None with every problem reported."""
    a = Attributes(kind, task, evaluation, scope)
    network, dataset = a.network(), a.dataset()
    losses, optimizer = losses_of(a), a.term("optimizer", "optimizer")
    length = _length(a)
    seed, load = a.seed(), load_of(a)
    saves = [_save(clause, a.sink) for clause in task.clauses("save")]
    terms = stated(a)
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
        policies = checked_policies(a, terms, network, optimizer, frozen)
    if not (network and dataset and fed and optimizer and length is not None):
        return None
    if policies is None:
        return None
    known = tuple(save for save in saves if save is not None)
    own = network, dataset, fed, optimizer, policies, frozen, length, seed, load, known
    return TrainTask(kind, task.name.text, task.span, *own)


def _check_members(a: Attributes, optimizer: Term, network: Network) -> None:
    """Report groups of an optimizer that do not fit the network's parameters."""
    kind = vocabulary().of(OptimizerKind, optimizer.word)
    try:
        kind.members(optimizer.arguments, [p.name for p in network.trainable])
    except Misfit as error:
        span = error.at or optimizer.span or a.span("optimizer")
        a.sink.report(misfit(span, optimizer.word, str(error), error.help))


def _length(a: Attributes) -> Amount | None:
    value = a.known("length")
    if value is None:
        return None
    if isinstance(value, Amount) and value.unit in _UNITS and value.value >= 1:
        return value
    expected = "a number of epochs or steps, such as `10 epochs`"
    a.sink.report(errors.wrong_unit(a.span("length"), "length", expected, describe(value)))
    return None


# ---- save


def _save(clause: ast.Clause, sink: Sink) -> SaveRule | None:
    """``save "path" every N epochs keep M``"""
    text, *more = clause.texts
    path = str(text.value)
    if more:
        sink.report(errors.bad_clause(more[0].span, "save", "takes one path"))
        return None
    try:
        path.format(**dict.fromkeys(_PLACEHOLDERS, 1))
    except (KeyError, IndexError, ValueError):
        reason = "may hold the placeholders {epoch} and {step} only"
        sink.report(errors.bad_clause(text.span, "save", reason))
        return None
    modifiers = {modifier.word.text: modifier for modifier in clause.modifiers}
    if not _are_known(clause, sink):
        return None
    every = _every(modifiers.get("every"), clause, sink)
    keep = _keep(modifiers.get("keep"), sink)
    return None if every is None else SaveRule(path, every, keep, clause.span)


def _are_known(clause: ast.Clause, sink: Sink) -> bool:
    example = 'save "net-{epoch}.ckpt" every 1 epochs keep 3'
    seen = set[str]()
    for modifier in clause.modifiers:
        word = modifier.word.text
        if word not in ("every", "keep") or word in seen:
            reason = f"says `{word}` twice" if word in seen else f"has no `{word}`"
            sink.report(errors.bad_clause(modifier.span, "save", reason, example))
            return False
        seen.add(word)
    if "every" not in seen:
        reason = "needs a number of epochs or steps"
        sink.report(errors.bad_clause(clause.span, "save", reason, example))
    return "every" in seen


def _every(modifier: ast.Modifier | None, clause: ast.Clause, sink: Sink) -> Amount | None:
    assert modifier is not None
    value, span = modifier.value, modifier.value.span
    counts = isinstance(value, ast.Quantity) and value.unit in _UNITS and value.value >= 1
    if counts and isinstance(value, ast.Quantity) and value.value % 1 == 0:
        return Amount(int(value.value), value.unit)
    expected = "a number of epochs or steps"
    sink.report(errors.wrong_unit(span, "every", expected, span.text))
    return None


def _keep(modifier: ast.Modifier | None, sink: Sink) -> int | None:
    if modifier is None:
        return None
    value = modifier.value
    if isinstance(value, ast.Literal) and isinstance(value.value, int):
        return value.value
    reason = "keeps an integer of files"
    sink.report(errors.bad_clause(value.span, "save", reason, "keep 3"))
    return None


def _outputs(task: ast.Task) -> tuple[str, ...]:
    return ("last",) if task.clauses("save") else ()


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
    attributes=(
        TaskAttribute("network", "the network with its arguments", required=True),
        TaskAttribute("dataset", "what it is trained on, in batches", required=True),
        TaskAttribute("loss", "a loss, or a list of them", required=True),
        TaskAttribute("optimizer", "an optimizer", required=True),
        TaskAttribute("policies", "what it does besides: `[ClipByGlobalNorm(1.0), EMA(0.999)]`"),
        TaskAttribute("freeze", "paths of parameters that are not trained"),
        TaskAttribute("length", "how long: `10 epochs`, `500 steps`", required=True),
        TaskAttribute("seed", "of first values, dropout and shuffles; 0"),
        LOAD,
        RESUME,
        *EXCEPTIONS,
    ),
    statements=(
        TaskStatement("save", "a checkpoint every so many epochs or steps; the last is always"),
    ),
    outputs=_outputs,
    names=lambda task: None,
)
