"""``ensure`` on the figures of metrics."""

from __future__ import annotations

from collections.abc import Mapping

from declspore.check import errors
from declspore.check.conditions import Condition
from declspore.language.deferred import Deferred
from declspore.language.domain import Evaluation
from declspore.language.evaluate import Evaluator
from declspore.language.scope import Scope
from declspore.language.values import UNKNOWN, Value
from declspore.registry.feeding import Fed
from declspore.registry.metric import MetricKind
from declspore.registry.table import vocabulary
from declspore.report import Sink
from declspore.syntax import ast
from declspore.syntax.walk import descendants


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
            bounds = {metric.name: _bounds(metric) for metric in metrics}
            for node in descendants(part.condition):
                if isinstance(node, ast.Binary):
                    _check_bounds(node, bounds, trial, evaluation, scope)
    return tuple(found)


Bounds = tuple[float | None, float | None]


def _bounds(metric: Fed) -> Bounds:
    kind = vocabulary().of(MetricKind, metric.term.word)
    return kind.low, kind.high


def _check_bounds(
    node: ast.Binary,
    bounds: Mapping[str, Bounds],
    trial: Mapping[str, Value],
    evaluation: Evaluation,
    scope: Scope,
) -> None:
    """Report a figure that is compared with a number it can never be, such as 90 for 90%."""
    for figure, other in ((node.left, node.right), (node.right, node.left)):
        if node.operator not in _COMPARISONS or figure_of(figure) not in bounds:
            continue
        value = Deferred(other, scope).value(Evaluator(Sink()), trial)
        if isinstance(value, bool) or not isinstance(value, int | float):
            continue
        low, high = bounds[figure_of(figure)]
        if (low is not None and value < low) or (high is not None and value > high):
            evaluation.sink.report(
                errors.out_of_range(other.span, figure.span.text, (low, high), value)
            )


_COMPARISONS = ("==", "!=", "<", "<=", ">", ">=")


def figure_of(node: ast.Expression) -> str:
    """The figure that ``accuracy`` or ``recall[1]`` is of; empty for any other expression."""
    while isinstance(node, ast.Index):
        node = node.value
    return node.name if isinstance(node, ast.Name) else ""


def _figure(metric: Fed) -> Value:
    kind = vocabulary().of(MetricKind, metric.term.word)
    figure = kind.trial(metric.term.arguments)
    return UNKNOWN if figure is None else figure
