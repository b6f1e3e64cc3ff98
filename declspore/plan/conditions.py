"""``ensure``: what headers can answer now, and what must wait for tensors or figures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from declspore.check.evaluate import Evaluator
from declspore.check.result import Condition
from declspore.check.scope import Scope
from declspore.check.values import UNKNOWN, describe
from declspore.plan import errors
from declspore.plan.views import FileView
from declspore.report import Sink
from declspore.syntax import ast


@dataclass(frozen=True)
class Verdict:
    """Whether a condition holds; None where only tensors can tell."""

    condition: Condition
    holds: bool | None


def judge(
    conditions: Sequence[Condition], views: Sequence[FileView], sink: Sink
) -> tuple[Verdict, ...]:
    """How each condition stands; one that fails is reported."""
    return tuple(_judge(condition, {v.name: v for v in views}, sink) for condition in conditions)


def judge_figures(
    conditions: Sequence[Condition], figures: dict[str, float], sink: Sink
) -> tuple[Verdict, ...]:
    """The same for conditions over the figures of an evaluation."""
    return tuple(_judge(condition, figures, sink) for condition in conditions)


def _judge(condition: Condition, names: dict[str, Any], sink: Sink) -> Verdict:
    scope = Scope(condition.scope)
    for name, value in names.items():
        scope.bind(name, value, condition.span)
    evaluator = Evaluator(sink)
    value = evaluator.truth(condition.expression, scope)
    if value is UNKNOWN:
        return Verdict(condition, None)
    if value is False:
        found = _found(condition.expression, scope)
        sink.report(errors.failed_ensure(condition.span, found))
    return Verdict(condition, bool(value))


def _found(expression: ast.Expression, scope: Scope) -> str:
    """For a comparison, what its sides are."""
    if not isinstance(expression, ast.Binary) or expression.operator in ("and", "or", "|>"):
        return "is false"
    quiet = Evaluator(Sink())
    sides = (quiet.evaluate(side, scope) for side in (expression.left, expression.right))
    left, right = (f"{s:.6g}" if isinstance(s, float) else describe(s) for s in sides)
    return f"{left} {expression.operator} {right} is false"
