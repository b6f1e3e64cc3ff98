"""``ensure``: what headers can answer now, and what must wait for tensors or figures."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from declspore.check.evaluate import Evaluator
from declspore.check.result import Condition, EditTask
from declspore.check.scope import Scope
from declspore.check.values import UNKNOWN, describe
from declspore.ir.network import Network
from declspore.plan import errors
from declspore.plan.edit import EditPlan
from declspore.plan.fitting import Misfit, fitting
from declspore.plan.mismatches import mismatches
from declspore.plan.suggest.advice import advise
from declspore.plan.views import FileView
from declspore.report import Sink
from declspore.syntax import ast

Loader = Callable[[str], Any]
"""Reads the value of an entry."""


@dataclass(frozen=True)
class Verdict:
    """Whether a condition holds; None where only tensors can tell."""

    condition: Condition
    holds: bool | None


def edit_views(
    task: EditTask,
    plan: EditPlan,
    inputs: Mapping[str, Sequence[Loader]] | None = None,
    outputs: Mapping[str, Sequence[Loader]] | None = None,
    run: Callable[[FileView, Network, Any], Any] | None = None,
) -> list[tuple[FileView, ...]]:
    """The files of an edit as conditions see them, with what reads their values, if anything
    does. ``run`` gives the outputs of a network with the values of a file."""
    made = []
    for several, headers, loaders in (
        ({each.name: each.many for each in task.inputs}, plan.inputs, inputs or {}),
        ({each.name: each.many for each in task.outputs}, plan.headers, outputs or {}),
    ):
        for name, many in several.items():
            files = []
            for index, header in enumerate(headers[name]):
                load = loaders[name][index] if name in loaders else None
                written = task.name if headers is plan.headers else ""
                view = FileView(name, header, load, index, many, task=written)
                if run is not None and load is not None:
                    view = replace(view, run=partial(run, view))
                files.append(view)
            made.append(tuple(files))
    return made


def judge(
    conditions: Sequence[Condition], views: Sequence[tuple[FileView, ...]], sink: Sink
) -> tuple[Verdict, ...]:
    """How each condition stands; one that fails is reported."""
    names = {files[0].name: files if files[0].many else files[0] for files in views}
    return tuple(_judge(condition, names, sink) for condition in conditions)


def judge_figures(
    conditions: Sequence[Condition], figures: dict[str, Any], sink: Sink
) -> tuple[Verdict, ...]:
    """The same for conditions over the figures of an evaluation."""
    return tuple(_judge(condition, figures, sink) for condition in conditions)


def _judge(condition: Condition, names: dict[str, Any], sink: Sink) -> Verdict:
    scope = Scope(condition.scope)
    for name, value in names.items():
        scope.bind(name, value, condition.span)
        for view in value if isinstance(value, tuple) else (value,):
            if isinstance(view, FileView):
                view.misfits.clear()
    evaluator = Evaluator(sink)
    value = evaluator.truth(condition.expression, scope)
    if value is UNKNOWN:
        return Verdict(condition, None)
    if value is False:
        found = _found(condition.expression, scope)
        sink.report(errors.failed_ensure(condition.span, found, *_misfits(names)))
    return Verdict(condition, bool(value))


def _misfits(names: dict[str, Any]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Why files do not fit the networks the condition asked about, and what would mend that."""
    notes: list[str] = []
    helps: list[str] = []
    for value in names.values():
        for view in value if isinstance(value, tuple) else (value,):
            for asked in view.misfits if isinstance(view, FileView) else ():
                found = fitting(asked.wanted, asked.header, ignore=asked.ignore)
                assert isinstance(found, Misfit)
                notes += [f"{view} {found.coverage}", mismatches(found)]
                helps += advise(asked)
    return tuple(notes), tuple(helps)


def _found(expression: ast.Expression, scope: Scope) -> str:
    """For a comparison, what its sides are."""
    if not isinstance(expression, ast.Binary) or expression.operator in ("and", "or", "|>"):
        return "is false"
    quiet = Evaluator(Sink())
    sides = (quiet.evaluate(side, scope) for side in (expression.left, expression.right))
    left, right = (f"{s:.6g}" if isinstance(s, float) else describe(s) for s in sides)
    return f"{left} {expression.operator} {right} is false"
