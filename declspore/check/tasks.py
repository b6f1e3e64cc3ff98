"""Tasks: their attributes, and whether network, dataset, loss and metrics fit together."""

from __future__ import annotations

from typing import Any

from declspore.check import errors
from declspore.check.datasets import checked_dataset
from declspore.check.evaluate import Evaluator
from declspore.check.network import elaborate
from declspore.check.result import (
    Condition,
    Dataset,
    EvalTask,
    Load,
    SaveRule,
    TrainTask,
)
from declspore.check.scope import Scope
from declspore.check.values import (
    UNKNOWN,
    Amount,
    CheckpointFile,
    TaskOutput,
    describe,
)
from declspore.ir.network import Network
from declspore.ir.pattern import Pattern
from declspore.ir.shape import TensorType
from declspore.ir.term import Term
from declspore.registry.kind import Kind, Misfit
from declspore.registry.loss import LossKind
from declspore.registry.metric import MetricKind
from declspore.registry.optimizer import OptimizerKind
from declspore.registry.table import vocabulary
from declspore.report import Sink
from declspore.source import Span
from declspore.spelling import closest
from declspore.syntax import ast

_BINDING = ("load", "resume", "ignore", "fresh")
TRAIN_ATTRIBUTES = ("network", "dataset", "loss", "optimizer", "length", "seed", *_BINDING)
EVAL_ATTRIBUTES = ("network", "dataset", "metrics", "loss", "seed", "load", "ignore", "fresh")
_PLACEHOLDERS = ("epoch", "step")


class Attributes:
    """The attributes of one task, evaluated on demand, each with its place."""

    def __init__(
        self,
        task: ast.Train | ast.Eval,
        known: tuple[str, ...],
        evaluator: Evaluator,
        scope: Scope,
    ) -> None:
        self.name = task.name
        self.evaluator = evaluator
        self.sink = evaluator.sink
        self._scope = scope
        self._given = {attribute.name.text: attribute for attribute in task.attributes}
        kind = "a train" if isinstance(task, ast.Train) else "an eval"
        lost = {word for place in task.damaged for word in place.words}
        self._misspelled = lost & {*known}
        for attribute in task.attributes:
            if attribute.name.text not in known:
                word = attribute.name
                self.sink.report(errors.unknown_attribute(word.span, kind, word.text, known))
                self._misspelled |= set(closest(word.text, known))

    def require(self, *names: str) -> None:
        given = {*self._given, *self._misspelled}
        missing = [name for name in names if name not in given]
        if missing:
            self.sink.report(
                errors.missing_attributes(self.name.span, f"`{self.name.text}`", missing)
            )

    def has(self, name: str) -> bool:
        return name in self._given

    def span(self, name: str) -> Span:
        return self._given[name].value.span if name in self._given else self.name.span

    def value(self, name: str, default: Any = UNKNOWN) -> Any:
        attribute = self._given.get(name)
        return (
            default if attribute is None else self.evaluator.evaluate(attribute.value, self._scope)
        )

    def expect(self, name: str, type: Any, what: str, default: Any = UNKNOWN) -> Any:
        """The value if it is of a Python type, else UNKNOWN with a diagnostic."""
        value = self.value(name, default)
        fits = isinstance(value, type) and not (type is int and isinstance(value, bool))
        if fits or value is UNKNOWN or (value is default and name not in self._given):
            return value
        self.sink.report(errors.wrong_type(self.span(name), what, describe(value)))
        return UNKNOWN

    def term(self, name: str, family: str) -> Term | None:
        """A word of a family with its arguments, or None (reported where it is something else)."""
        value = self.value(name, None)
        if value is None or value is UNKNOWN:
            return None
        if isinstance(value, Term) and value.family == family:
            return value
        article = "an" if family[0] in "aeio" else "a"
        help = None
        if isinstance(value, Kind) and value.family == family:
            help = f"{value.name}{value.signature}"
        self.sink.report(
            errors.wrong_type(self.span(name), f"{article} {family}", describe(value), help)
        )
        return None


def check_train(task: ast.Train, evaluator: Evaluator, scope: Scope) -> TrainTask | None:
    """The checked task, or None with every problem reported."""
    a = Attributes(task, TRAIN_ATTRIBUTES, evaluator, scope)
    a.require("network", "dataset", "loss", "optimizer", "length")
    network, dataset = _network(a), _dataset(a)
    loss, optimizer = a.term("loss", "loss"), a.term("optimizer", "optimizer")
    length = _length(a)
    seed, load = _seed(a), _load(a)
    saves = tuple(_save(save, a.sink) for save in task.saves)
    if network and dataset:
        _check_feeding(a, network, dataset, loss, ())
    if network and optimizer:
        kind, names = vocabulary().of(OptimizerKind, optimizer.word), network.trainable
        _fit(
            a,
            "optimizer",
            optimizer,
            lambda: kind.members(optimizer.arguments, [p.name for p in names]),
        )
    if not (network and dataset and loss and optimizer and length is not None):
        return None
    kept = tuple(save for save in saves if save is not None)
    return TrainTask(
        *(task.name.text, network, dataset, loss, optimizer, length, seed, load, kept, task.span)
    )


def check_eval(task: ast.Eval, evaluator: Evaluator, scope: Scope) -> EvalTask | None:
    """The checked task, or None with every problem reported."""
    a = Attributes(task, EVAL_ATTRIBUTES, evaluator, scope)
    a.require("network", "dataset", "metrics", "load")
    network, dataset, loss = _network(a), _dataset(a), a.term("loss", "loss")
    metrics = _metrics(a)
    seed, load = _seed(a), _load(a)
    if network and dataset:
        _check_feeding(a, network, dataset, loss, metrics or ())
    conditions = _conditions(task, metrics or (), evaluator, scope)
    if not (network and dataset and metrics):
        return None
    return EvalTask(
        *(task.name.text, network, dataset, loss, metrics, seed, load, conditions, task.span)
    )


# ---- attributes


def _network(a: Attributes) -> Network | None:
    value = a.value("network", None)
    return (
        None
        if value is None
        else elaborate(value, a.span("network"), a.sink, None, a.evaluator.budget)
    )


def _dataset(a: Attributes) -> Dataset | None:
    value = a.value("dataset", None)
    if value is None:
        return None
    dataset = checked_dataset(value, a.span("dataset"), a.sink)
    if dataset and not dataset.element.batched:
        a.sink.report(
            errors.dataset_misfit(
                a.span("dataset"), "the samples are not in batches", None, "|> batch(32)"
            )
        )
        return None
    return dataset


def _length(a: Attributes) -> Amount | None:
    value = a.value("length", None)
    if value is None or value is UNKNOWN:
        return None
    if isinstance(value, Amount) and value.unit in ("epoch", "step") and value.value >= 1:
        return value
    expected = "a number of epochs or steps, such as `10 epochs`"
    a.sink.report(errors.wrong_unit(a.span("length"), "length", expected, describe(value)))
    return None


def _seed(a: Attributes) -> int:
    seed = a.expect("seed", int, "a whole number", 0)
    return 0 if seed is UNKNOWN else int(seed)


def _load(a: Attributes) -> Load | None:
    which = next((name for name in ("resume", "load") if a.has(name)), None)
    ignore, fresh = _patterns(a, "ignore"), _patterns(a, "fresh")
    if which is None:
        return None
    if a.value(which) is None:
        return None
    checkpoint = a.expect(which, CheckpointFile | TaskOutput, 'a checkpoint such as ckpt("x.ckpt")')
    if checkpoint is UNKNOWN:
        return None
    if a.has("load") and a.has("resume"):
        reason = "is given beside `resume`; resume loads network and optimizer, load the network"
        a.sink.report(errors.bad_clause(a.span("load"), "load", reason))
    return Load(checkpoint, which == "resume", ignore, fresh, a.span(which))


def _patterns(a: Attributes, name: str) -> tuple[Pattern, ...]:
    value = a.value(name, ())
    items = value if isinstance(value, tuple) else (value,)
    for item in items:
        if not isinstance(item, Pattern) and item is not UNKNOWN:
            a.sink.report(
                errors.wrong_type(a.span(name), "a list of [`path`, ...]", describe(item))
            )
    return tuple(item for item in items if isinstance(item, Pattern))


def _metrics(a: Attributes) -> tuple[Term, ...] | None:
    value = a.value("metrics", None)
    if value is None or value is UNKNOWN:
        return None
    items = value if isinstance(value, tuple) else (value,)
    for item in items:
        if item is not UNKNOWN and not (isinstance(item, Term) and item.family == "metric"):
            help = "metrics = [Accuracy()]"
            a.sink.report(
                errors.wrong_type(a.span("metrics"), "a list of metrics", describe(item), help)
            )
            return None
    if any(item is UNKNOWN for item in items):
        return None
    return items


def _save(save: ast.Save, sink: Sink) -> SaveRule | None:
    path = str(save.path.value)
    try:
        path.format(**dict.fromkeys(_PLACEHOLDERS, 1))
    except (KeyError, IndexError, ValueError):
        reason = "may hold the placeholders {epoch} and {step} only"
        sink.report(errors.bad_clause(save.path.span, "save", reason))
        return None
    unit = save.every.unit
    if unit not in ("epoch", "step") or save.every.value < 1 or save.every.value % 1:
        expected = "a number of epochs or steps"
        sink.report(errors.wrong_unit(save.every.span, "every", expected, save.every.span.text))
        return None
    return SaveRule(path, Amount(int(save.every.value), unit), save.keep, save.span)


# ---- what flows from dataset through network into loss and metrics


def _check_feeding(
    a: Attributes,
    network: Network,
    dataset: Dataset,
    loss: Term | None,
    metrics: tuple[Term, ...],
) -> None:
    if len(network.inputs) != 1:
        reason = f"{network.name} has {len(network.inputs)} inputs; a dataset feeds one"
        a.sink.report(errors.dataset_misfit(a.span("network"), reason, dataset.span, None))
        return
    wanted, found = network.inputs[0].type, dataset.element.data
    if not feeds(found, wanted):
        reason = f"the dataset gives {found}, {network.name} takes {wanted}"
        help = _feeding_help(found, wanted)
        a.sink.report(errors.dataset_misfit(a.span("network"), reason, dataset.span, help))
        return
    output, label = network.type_of(network.outputs[0]), dataset.element.label
    classes, outputs = dataset.element.classes, output.shape[-1]
    if classes is not None and isinstance(outputs, int) and outputs < classes:
        reason = f"the labels come from {classes} classes, {network.name} has {outputs} outputs"
        a.sink.report(errors.dataset_misfit(a.span("network"), reason, dataset.span, None))
    output = output.with_shape((label.shape[0], *output.shape[1:]))
    if loss is not None:
        kind = vocabulary().of(LossKind, loss.word)
        _fit(
            a,
            "loss",
            loss,
            lambda: kind.fit(loss.arguments, *kind.arranged((output,), (label,))),
        )
    for metric in metrics:
        _check_metric(a, metric, output, label, loss)


def _check_metric(
    a: Attributes, metric: Term, output: TensorType, label: TensorType, loss: Term | None
) -> None:
    kind = vocabulary().of(MetricKind, metric.word)
    if kind.of_loss and loss is None:
        a.sink.report(errors.missing_attributes(a.span("metrics"), f"`{metric.word}`", ["loss"]))
    _fit(a, "metrics", metric, lambda: kind.fit(metric.arguments, output, label))


def _fit(a: Attributes, name: str, term: Term, check: Any) -> None:
    try:
        check()
    except Misfit as error:
        span = term.span or a.span(name)
        a.sink.report(errors.misfit(span, term.word, str(error), error.help))


def feeds(found: TensorType, wanted: TensorType) -> bool:
    """Whether tensors of one type can be fed where another is declared; symbols take anything."""
    if found.dtype != wanted.dtype or found.rank != wanted.rank:
        return False
    pairs = zip(found.shape, wanted.shape, strict=True)
    return all(
        not isinstance(one, int) or not isinstance(other, int) or one == other
        for one, other in pairs
    )


def _feeding_help(found: TensorType, wanted: TensorType) -> str | None:
    if found.rank == wanted.rank == 4 and found.shape[3] == wanted.shape[1]:
        return "|> HWC2CHW() turns images into the order networks take"
    if found.dtype != wanted.dtype and found.shape[1:] == wanted.shape[1:]:
        return "|> Rescale(1 / 255, 0.0) gives f32"
    return None


# ---- ensure


def _conditions(
    task: ast.Eval, metrics: tuple[Term, ...], evaluator: Evaluator, scope: Scope
) -> tuple[Condition, ...]:
    """The ensures, tried once with figures of 0.5, so that names and types are known to fit."""
    inner = Scope(scope)
    for metric in metrics:
        kind = vocabulary().of(MetricKind, metric.word)
        inner.bind(kind.key, kind.trial(metric.arguments), metric.span or task.name.span)
    if task.ensures and not metrics:
        return ()
    for ensure in task.ensures:
        evaluator.truth(ensure.condition, inner)
    return tuple(Condition(ensure.condition, inner, ensure.span) for ensure in task.ensures)
