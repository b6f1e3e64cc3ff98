"""``mindspore.nn`` for scripts: cells, optimizers, losses, metrics and schedules.

Every cell, optimizer, loss, metric and schedule of the registry is here under its name. A network
is a class of :class:`Cell`; an optimizer takes the parameters first, as in MindSpore, and is a
Keras optimizer; a loss is a Keras loss::

    from declspore import nn

    opt = nn.Momentum(net.trainable_params(), 0.01, 0.9)
    loss = nn.SoftmaxCrossEntropyWithLogits(sparse=True, reduction="mean")
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any

from declspore.engine import require

require()

from declspore.eager.cell import Cell as Cell
from declspore.eager.containers import CellDict as CellDict
from declspore.eager.containers import CellList as CellList
from declspore.eager.containers import SequentialCell as SequentialCell
from declspore.eager.leaf import cell_class
from declspore.ir.pattern import path_pattern
from declspore.ir.term import Term
from declspore.lower.loss import Loss as KerasLoss
from declspore.lower.loss import Objective
from declspore.lower.optimizer import Optimizer
from declspore.porting.homes import alias
from declspore.porting.names import refused
from declspore.registry.cell import CellKind
from declspore.registry.feeding import FeedingKind, chosen
from declspore.registry.groups import ParameterGroupKind
from declspore.registry.kind import Kind, Misfit
from declspore.registry.loss import LossKind
from declspore.registry.metric import MetricKind
from declspore.registry.optimizer import OptimizerKind
from declspore.registry.python import bind_call, signed
from declspore.registry.schedule import RateListKind, ScheduleKind
from declspore.registry.table import vocabulary
from declspore.spelling import listing
from declspore.tensor import Parameter
from declspore.train.metric import Metric as Metric
from declspore.train.metric import auc as auc
from declspore.train.metric import get_metric_fn as get_metric_fn
from declspore.train.metric import metric_maker
from declspore.train.metric import names as names
from declspore.train.wrappers import LossBase as LossBase
from declspore.train.wrappers import TrainOneStepCell as TrainOneStepCell
from declspore.train.wrappers import WithEvalCell as WithEvalCell
from declspore.train.wrappers import WithLossCell as WithLossCell


def _optimizer(kind: OptimizerKind) -> Callable[..., Optimizer]:
    if kind.wraps:
        return _wrapping(kind)

    def make(params: Iterable[Any], *arguments: object, **keywords: object) -> Optimizer:
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
    def make(optimizer: Optimizer, *arguments: object, **keywords: object) -> Optimizer:
        if not isinstance(optimizer, Optimizer):
            raise TypeError(f"{kind.name} takes an optimizer first")
        inner = Term("optimizer", optimizer.word, optimizer.arguments)
        term = Term("optimizer", kind.name, bind_call(kind, (inner, *arguments), keywords))
        return Optimizer.of(term, optimizer.parameters)

    return make


_GROUP_KEYS = ("params", "lr", "weight_decay", "grad_centralization")


def _grouped(
    kind: OptimizerKind, dicts: list[dict[str, Any]]
) -> tuple[list[Parameter], dict[str, object]]:
    """MindSpore's dicts of parameters as parameters and groups."""
    order = dicts[-1].get("order_params") if len(dicts[-1]) == 1 else None
    listed = dicts if order is None else dicts[:-1]
    group, terms, parameters = vocabulary().of(ParameterGroupKind, "Group"), [], []
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
    def make(*arguments: object, **keywords: object) -> KerasLoss:
        return KerasLoss.of(Term("loss", kind.name, bind_call(kind, arguments, keywords)))

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
    def make(*arguments: object, **keywords: object) -> Term:
        return Term("schedule", kind.name, bind_call(kind, arguments, keywords))

    return make


def _rates(kind: RateListKind) -> Callable[..., list[float]]:
    def make(*arguments: object, **keywords: object) -> list[float]:
        try:
            return list(kind.rates(bind_call(kind, arguments, keywords)))
        except Misfit as error:
            raise ValueError(f"{kind.name}: {error}") from None

    return make


def _factory(kind: Kind) -> Callable[..., object] | None:
    match kind:
        case OptimizerKind():
            return _optimizer(kind)
        case LossKind():
            return _loss(kind)
        case MetricKind():
            return metric_maker(kind)
        case FeedingKind():
            return _feeding(kind)
        case ScheduleKind():
            return _schedule(kind)
        case RateListKind():
            return _rates(kind)
    return None


_OWN = (
    *("Cell", "CellDict", "CellList", "SequentialCell", "LossBase", "Metric", "auc"),
    *("TrainOneStepCell", "WithEvalCell", "WithLossCell", "Optimizer", "get_activation"),
    *("get_metric_fn", "names"),
)
_OLD_HOMES = (
    *("cell", "dynamic_lr", "learning_rate_schedule", "loss.loss", "metrics", "wrap.cell_wrapper"),
    *("layer.activation", "layer.basic", "layer.container", "layer.conv", "layer.embedding"),
    *("layer.image", "layer.math", "layer.normalization", "layer.padding", "layer.pooling"),
    *("layer.rnn_cells", "layer.rnns", "layer.transformer", "wrap.grad_reducer", "wrap.loss_scale"),
    *("optim.adam", "optim.adagrad", "optim.lamb", "optim.lars", "optim.momentum"),
    *("optim.optimizer", "optim.rmsprop", "optim.sgd"),
)


alias(__name__, _OLD_HOMES)


def get_activation(name: str | None) -> Cell | None:
    """The activation MindSpore knows by a short name, such as ``relu``; None for none.

    Raises KeyError.
    """
    if not name:
        return None
    kinds = {kind.name.lower(): kind for kind in vocabulary().every(CellKind)}
    short = {"leakyrelu": "leakyrelu", "fast_gelu": "fastgelu", "softmax": "softmax"}
    kind = kinds.get(short.get(name, name.replace("_", "")))
    if kind is None or kind.signature.get("in_channels") is not None:
        raise KeyError(f"no activation is called {name!r}")
    return cell_class(kind)()


def _found(name: str) -> object:
    if f"{__name__}.{name}" in sys.modules:
        return sys.modules[f"{__name__}.{name}"]
    kind = vocabulary().get(name)
    if isinstance(kind, CellKind) and kind.inputs:
        made: object = cell_class(kind)
        globals()[name] = made
        return made
    make = _factory(kind) if kind else None
    if kind is None or make is None:
        raise refused("mindspore.nn", name, __dir__())
    first = ("params",) if isinstance(kind, OptimizerKind) and not kind.wraps else ()
    globals()[name] = signed(make, name, kind, *first)
    return make


if TYPE_CHECKING:
    from declspore.typed.nn import *
else:
    __getattr__ = _found


def __dir__() -> list[str]:
    families = (
        *(CellKind, OptimizerKind, LossKind, FeedingKind, MetricKind, ScheduleKind, RateListKind),
    )
    words = (kind.name for kind in vocabulary() if isinstance(kind, families))
    return sorted({*words, *_OWN} - {"Parameter"})
