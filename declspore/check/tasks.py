"""Tasks: their attributes, and whether network, dataset, loss and metrics fit together."""

from __future__ import annotations

from typing import Any

from declspore.check import errors
from declspore.check.datasets import checked_dataset
from declspore.check.evaluate import Evaluator
from declspore.check.feeding import (
    check_classes,
    fed_losses,
    fed_metrics,
    output_types,
    terms,
)
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
from declspore.ir.term import Term, show
from declspore.registry.feeding import Fed
from declspore.registry.kind import Kind, Misfit
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
    losses, optimizer = _losses(a), a.term("optimizer", "optimizer")
    length = _length(a)
    seed, load = _seed(a), _load(a)
    saves = tuple(_save(save, a.sink) for save in task.saves)
    fed = None
    if network and dataset:
        fed, _ = _check_feeding(a, network, dataset, losses or (), ())
    if network and optimizer:
        kind, names = vocabulary().of(OptimizerKind, optimizer.word), network.trainable
        _fit(
            a,
            "optimizer",
            optimizer,
            lambda: kind.members(optimizer.arguments, [p.name for p in names]),
        )
    if not (network and dataset and fed and optimizer and length is not None):
        return None
    kept = tuple(save for save in saves if save is not None)
    return TrainTask(
        *(task.name.text, network, dataset, fed, optimizer, length, seed, load, kept, task.span)
    )


def check_eval(task: ast.Eval, evaluator: Evaluator, scope: Scope) -> EvalTask | None:
    """The checked task, or None with every problem reported."""
    a = Attributes(task, EVAL_ATTRIBUTES, evaluator, scope)
    a.require("network", "dataset", "metrics", "load")
    network, dataset, losses = _network(a), _dataset(a), _losses(a)
    metrics = terms(a, "metrics", "metric", "metrics = [Accuracy()]")
    seed, load = _seed(a), _load(a)
    fed: tuple[Fed, ...] | None = ()
    figures: tuple[Fed, ...] | None = None
    if network and dataset:
        fed, figures = _check_feeding(a, network, dataset, losses or (), metrics or ())
    _require_loss(a, metrics or (), losses)
    conditions = _conditions(task, figures or (), evaluator, scope)
    if not (network and dataset and figures and fed is not None):
        return None
    return EvalTask(
        *(task.name.text, network, dataset, fed, figures, seed, load, conditions, task.span)
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


def _losses(a: Attributes) -> tuple[Term, ...] | None:
    return terms(
        a, "loss", "loss", 'SoftmaxCrossEntropyWithLogits(sparse = true, reduction = "mean")'
    )


def _check_feeding(
    a: Attributes,
    network: Network,
    dataset: Dataset,
    losses: tuple[Term, ...],
    metrics: tuple[Term, ...],
) -> tuple[tuple[Fed, ...] | None, tuple[Fed, ...] | None]:
    """Losses and metrics with what enters them, each None where something does not fit."""
    outputs = output_types(a, network, dataset)
    if outputs is None:
        return None, None
    check_classes(a, network, dataset, outputs)
    return fed_losses(a, losses, outputs, dataset), fed_metrics(a, metrics, outputs, dataset)


def _require_loss(
    a: Attributes, metrics: tuple[Term, ...], losses: tuple[Term, ...] | None
) -> None:
    for metric in metrics:
        kind = vocabulary().get(metric.word)
        if isinstance(kind, MetricKind) and kind.of_loss and not a.has("loss"):
            named = f"`{metric.word}`"
            span = metric.span or a.span("metrics")
            a.sink.report(errors.missing_attributes(span, named, ["loss"]))


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
    wanted = 'a checkpoint such as ckpt("x.ckpt")'
    if isinstance(path := a.value(which), str):
        help = f"{which} = ckpt({show(path)})"
        a.sink.report(errors.wrong_type(a.span(which), wanted, describe(path), help))
        return None
    checkpoint = a.expect(which, CheckpointFile | TaskOutput, wanted)
    if checkpoint is UNKNOWN:
        return None
    if a.has("load") and a.has("resume"):
        reason = "is given beside `resume`; resume loads network and optimizer, load the network"
        a.sink.report(errors.bad_clause(a.span("load"), "load", reason))
    spans = {name: a.span(name) for name in _BINDING if a.has(name)}
    return Load(checkpoint, which == "resume", ignore, fresh, spans)


def _patterns(a: Attributes, name: str) -> tuple[Pattern, ...]:
    value = a.value(name, ())
    items = value if isinstance(value, tuple) else (value,)
    for item in items:
        if not isinstance(item, Pattern) and item is not UNKNOWN:
            a.sink.report(
                errors.wrong_type(a.span(name), "a list of [`path`, ...]", describe(item))
            )
    return tuple(item for item in items if isinstance(item, Pattern))


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


def _fit(a: Attributes, name: str, term: Term, check: Any) -> None:
    try:
        check()
    except Misfit as error:
        span = term.span or a.span(name)
        a.sink.report(errors.misfit(span, term.word, str(error), error.help))


# ---- ensure


def _conditions(
    task: ast.Eval, metrics: tuple[Fed, ...], evaluator: Evaluator, scope: Scope
) -> tuple[Condition, ...]:
    """The ensures, tried once with figures that may be, so that names and types are known to
    fit."""
    inner = Scope(scope)
    for metric in metrics:
        kind = vocabulary().of(MetricKind, metric.term.word)
        figure = kind.trial(metric.term.arguments)
        place = metric.term.span or task.name.span
        inner.bind(metric.name, UNKNOWN if figure is None else figure, place)
    if task.ensures and not metrics:
        return ()
    for ensure in task.ensures:
        evaluator.truth(ensure.condition, inner)
    return tuple(Condition(ensure.condition, inner, ensure.span) for ensure in task.ensures)
