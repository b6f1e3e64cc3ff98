"""``mindspore.nn`` for training scripts: optimizers, losses, metrics and schedules.

Every optimizer, loss, metric and schedule of the registry is here under its name. An optimizer
takes the parameters first, as in MindSpore, and is a Keras optimizer; a loss is a Keras loss::

    from declspore import nn

    opt = nn.Momentum(net.trainable_params(), 0.01, 0.9)
    loss = nn.SoftmaxCrossEntropyWithLogits(sparse=True, reduction="mean")
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from declspore.ir.pattern import path_pattern
from declspore.ir.term import Term
from declspore.lower.loss import Loss as KerasLoss
from declspore.lower.loss import Objective
from declspore.lower.optimizer import Optimizer
from declspore.registry.feeding import FeedingKind, chosen
from declspore.registry.groups import GroupKind
from declspore.registry.kind import Kind, Misfit
from declspore.registry.loss import LossKind
from declspore.registry.metric import MetricKind
from declspore.registry.optimizer import OptimizerKind
from declspore.registry.python import bind_call
from declspore.registry.schedule import RateListKind, ScheduleKind
from declspore.registry.table import vocabulary
from declspore.spelling import closest, listing
from declspore.tensor import Parameter
from declspore.train.metric import Metric


def _optimizer(kind: OptimizerKind) -> Callable[..., Optimizer]:
    if kind.wraps:
        return _wrapping(kind)

    def make(params: Iterable[Any], *arguments: Any, **keywords: Any) -> Optimizer:
        if not isinstance(params, Iterable):
            raise TypeError(f"{kind.name} takes net.trainable_params() first")
        parameters = list(params)
        if parameters and all(isinstance(group, dict) for group in parameters):
            parameters, groups = _grouped(kind, parameters)
            keywords = {**keywords, **groups}
        if not parameters or not all(isinstance(p, Parameter) for p in parameters):
            raise TypeError(f"{kind.name} takes net.trainable_params() first")
        counts = Counter(parameter.name for parameter in parameters)
        if twice := [name for name, times in counts.items() if times > 1]:
            raise ValueError(f"{kind.name} is given twice: {listing(twice)}")
        term = Term("optimizer", kind.name, bind_call(kind, arguments, keywords))
        return Optimizer.of(term, parameters)

    return make


def _wrapping(kind: OptimizerKind) -> Callable[..., Optimizer]:
    def make(optimizer: Optimizer, *arguments: Any, **keywords: Any) -> Optimizer:
        if not isinstance(optimizer, Optimizer):
            raise TypeError(f"{kind.name} takes an optimizer first")
        inner = Term("optimizer", optimizer.word, optimizer.arguments)
        term = Term("optimizer", kind.name, bind_call(kind, (inner, *arguments), keywords))
        return Optimizer.of(term, optimizer.parameters)

    return make


_GROUP_KEYS = ("params", "lr", "weight_decay", "grad_centralization")


def _grouped(
    kind: OptimizerKind, dicts: list[dict[str, Any]]
) -> tuple[list[Parameter], dict[str, Any]]:
    """MindSpore's dicts of parameters as parameters and groups."""
    order = dicts[-1].get("order_params") if len(dicts[-1]) == 1 else None
    listed = dicts if order is None else dicts[:-1]
    group, terms, parameters = vocabulary().of(GroupKind, "Group"), [], []
    for given in listed:
        unknown = [key for key in given if key not in _GROUP_KEYS]
        if unknown or "params" not in given:
            known = ", ".join(_GROUP_KEYS)
            raise ValueError(
                f"a group of {kind.name} has params and may have {known[8:]}; a dict with "
                f"order_params alone may come last. Found: {', '.join(given)}"
            )
        members = list(given["params"])
        parameters += members
        paths = [path_pattern(member.name) for member in members]
        terms.append(Term("group", "Group", bind_call(group, (), {**given, "params": paths})))
    names = [parameter.name for parameter in parameters]
    if order is not None and sorted(p.name for p in order) != sorted(names):
        raise ValueError(f"order_params of {kind.name} must name the parameters of its groups")
    keywords = {"groups": terms, "order_params": order is not None}
    return (parameters if order is None else list(order)), keywords


def _loss(kind: LossKind) -> Callable[..., KerasLoss]:
    def make(*arguments: Any, **keywords: Any) -> KerasLoss:
        return KerasLoss.of(Term("loss", kind.name, bind_call(kind, arguments, keywords)))

    return make


def _metric(kind: MetricKind) -> Callable[..., Metric]:
    def make(*arguments: Any, **keywords: Any) -> Metric:
        return Metric(Term("metric", kind.name, bind_call(kind, arguments, keywords)))

    return make


def _feeding(kind: FeedingKind) -> Callable[..., Objective | Metric]:
    def make(
        word: KerasLoss | Metric,
        outputs: Sequence[int] | None = None,
        labels: Sequence[int] | None = None,
        weight: float = 1.0,
    ) -> Objective | Metric:
        if isinstance(word, Metric):
            return word.on(outputs, labels)
        if not isinstance(word, KerasLoss):
            raise TypeError(f"{kind.name} takes a loss or a metric of declspore.nn first")
        return Objective([(word, chosen(word.term, outputs, labels, weight))])

    return make


def _schedule(kind: ScheduleKind) -> Callable[..., Term]:
    def make(*arguments: Any, **keywords: Any) -> Term:
        return Term("schedule", kind.name, bind_call(kind, arguments, keywords))

    return make


def _rates(kind: RateListKind) -> Callable[..., list[float]]:
    def make(*arguments: Any, **keywords: Any) -> list[float]:
        try:
            return list(kind.rates(bind_call(kind, arguments, keywords)))
        except Misfit as error:
            raise ValueError(f"{kind.name}: {error}") from None

    return make


def _factory(kind: Kind) -> Callable[..., Any] | None:
    match kind:
        case OptimizerKind():
            return _optimizer(kind)
        case LossKind():
            return _loss(kind)
        case MetricKind():
            return _metric(kind)
        case FeedingKind():
            return _feeding(kind)
        case ScheduleKind():
            return _schedule(kind)
        case RateListKind():
            return _rates(kind)
    return None


def __getattr__(name: str) -> Any:
    kind = vocabulary().get(name)
    make = _factory(kind) if kind else None
    if kind is None or make is None:
        raise AttributeError(f"module 'declspore.nn' has no attribute {name!r}{_hint(name, kind)}")
    make.__name__ = make.__qualname__ = name
    make.__doc__ = f"{kind.summary}\n\nArguments: {kind.signature}"
    globals()[name] = make
    return make


def _hint(name: str, kind: Kind | None) -> str:
    if kind is not None:
        return f": a {kind.family} is a word of specs, see declspore.load"
    near = closest(name, __dir__())
    return f"; did you mean {near[0]!r}?" if near else ""


def __dir__() -> list[str]:
    families = (OptimizerKind, LossKind, FeedingKind, MetricKind, ScheduleKind, RateListKind)
    return sorted(kind.name for kind in vocabulary() if isinstance(kind, families))
