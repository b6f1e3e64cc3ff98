"""``ensure`` on the figures of metrics."""

from __future__ import annotations

from declspore.check.conditions import Condition
from declspore.language.deferred import Deferred
from declspore.language.domain import Evaluation
from declspore.language.scope import Scope
from declspore.language.values import UNKNOWN, Value
from declspore.registry.feeding import Fed
from declspore.registry.metric import MetricKind
from declspore.registry.table import vocabulary
from declspore.syntax import ast


def conditions_on(
    task: ast.Task, metrics: tuple[Fed, ...], evaluation: Evaluation, scope: Scope
) -> tuple[Condition, ...]:
    """The ensures, tried once with figures that may be, so that names and types are known to
    fit."""
    if not metrics:
        return ()
    trial = {metric.name: _figure(metric) for metric in metrics}
    found = []
    for part in task.parts:
        if isinstance(part, ast.Ensure):
            condition = Condition(Deferred(part.condition, scope), part.span)
            condition.expression.truth(evaluation, trial)
            found.append(condition)
    return tuple(found)


def _figure(metric: Fed) -> Value:
    kind = vocabulary().of(MetricKind, metric.term.word)
    figure = kind.trial(metric.term.arguments)
    return UNKNOWN if figure is None else figure
