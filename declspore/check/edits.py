"""Edit blocks: files, verbs, patterns and templates, before any checkpoint is opened.

Loops are unrolled here. Conditions and values are kept as expressions, since what they are about
is known from headers only; what they say without headers is checked.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import zip_longest
from typing import Any

from declspore.check import errors
from declspore.check.evaluate import Evaluator
from declspore.check.formulas import Calculator
from declspore.check.result import Condition, EditRule, EditTask, Expression, Input, Output, When
from declspore.check.rules import RuleChecker
from declspore.check.scope import Scope
from declspore.check.values import (
    UNKNOWN,
    CheckpointFile,
    CheckpointRef,
    FileList,
    TaskOutput,
    describe,
)
from declspore.source import Span
from declspore.syntax import ast

POLICIES = ("keep", "delete", "error")


def check_edit(task: ast.Edit, evaluator: Evaluator, scope: Scope) -> EditTask | None:
    """The checked task, or None with every problem reported."""
    inputs = tuple(_input(file, evaluator, scope, used=False) for file in task.inputs)
    uses = tuple(_input(file, evaluator, scope, used=True) for file in task.uses)
    outputs = tuple(_output(file, evaluator, scope) for file in task.outputs)
    body = _Body(task, evaluator.sink)
    rules = tuple(body.parts(task.parts, body.scope(scope)))
    policy = _policy(body.rests, evaluator)
    conditions = tuple(Condition(e.condition, at, e.span) for e, at in body.ensures)
    known = tuple(output for output in outputs if output is not None)
    if len(known) < len(outputs) or task.lost:
        return None
    return EditTask(
        task.name.text,
        tuple(each for each in (*inputs, *uses) if each is not None),
        known,
        rules,
        policy,
        conditions,
        task.span,
    )


class _Body:
    """The statements of an edit. ``it``, ``them`` and the files have no value yet."""

    def __init__(self, task: ast.Edit, sink: Any) -> None:
        self.rests: list[ast.Rest] = []
        self.ensures: list[tuple[ast.Ensure, Scope]] = []
        self._task = task
        self._evaluator = Evaluator(sink, Calculator())
        inputs = (*task.inputs, *task.uses)
        lost = [word for place in task.lost for word in place.words]
        self._checker = RuleChecker(
            (*(file.name.text for file in inputs), *lost),
            (*(file.name.text for file in task.outputs), *lost),
            self._evaluator,
        )

    def scope(self, outer: Scope) -> Scope:
        """The scope of the statements, in which files hide what has their name."""
        scope = Scope(outer)
        for file in (*self._task.inputs, *self._task.uses, *self._task.outputs):
            scope.bind(file.name.text, UNKNOWN, file.span)
        scope.lose(self._task.lost)
        return scope

    def parts(self, parts: tuple[ast.EditPart, ...], scope: Scope) -> Iterator[EditRule]:
        for part, following in zip_longest(parts, parts[1:]):
            match part:
                case ast.VerbStatement() if isinstance(following, ast.Damaged):
                    continue  # its clauses may be among what is damaged
                case ast.VerbStatement():
                    rule = self._checker.rule(part, scope)
                    if rule is not None:
                        yield rule
                case ast.EditWhen():
                    yield self._when(part, scope)
                case ast.EditLoop():
                    for inner in self._evaluator.loop(part.bindings, scope, part.span):
                        yield from self.parts(part.parts, inner)
                case ast.Rest():
                    self.rests.append(part)
                case ast.Ensure():
                    self.ensures.append((part, scope))

    def _when(self, part: ast.EditWhen, scope: Scope) -> When:
        self._evaluator.truth(part.condition, scope)
        for inner in (*part.then, *part.otherwise):
            if isinstance(inner, ast.Rest | ast.Ensure):
                word = "rest" if isinstance(inner, ast.Rest) else "ensure"
                reason = "stands outside `when`"
                self._evaluator.sink.report(errors.bad_clause(inner.span, word, reason))
        return When(
            Expression(part.condition, scope),
            tuple(self.parts(part.then, scope)),
            tuple(self.parts(part.otherwise, scope)),
        )


def _input(file: ast.File, evaluator: Evaluator, scope: Scope, *, used: bool) -> Input | None:
    value = evaluator.evaluate(file.value, scope)
    name = file.name.text
    if isinstance(value, CheckpointFile | TaskOutput):
        return Input(name, (value,), False, used, file.span)
    if isinstance(value, FileList):
        return Input(name, (value,), True, used, file.span)
    if isinstance(value, tuple) and value and all(_is_ref(one) for one in value):
        return Input(name, value, True, used, file.span)
    if value is not UNKNOWN and not _holds_unknown(value):
        _report(evaluator, file.value.span, "a checkpoint or a list of them", value, "file.ckpt")
    return None


def _output(file: ast.File, evaluator: Evaluator, scope: Scope) -> Output | None:
    value = evaluator.evaluate(file.value, scope)
    name = file.name.text
    if isinstance(value, CheckpointFile):
        return Output(name, (value.term,), False, file.span)
    if isinstance(value, tuple) and value and all(isinstance(v, CheckpointFile) for v in value):
        return Output(name, tuple(one.term for one in value), True, file.span)
    if value is not UNKNOWN and not _holds_unknown(value):
        _report(evaluator, file.value.span, "a file to write, or a list of them", value, "new.ckpt")
    return None


def _is_ref(value: Any) -> bool:
    return isinstance(value, CheckpointRef | FileList)


def _holds_unknown(value: Any) -> bool:
    return isinstance(value, tuple) and any(one is UNKNOWN for one in value)


def _report(evaluator: Evaluator, span: Span, expected: str, value: Any, example: str) -> None:
    found = describe(value)
    evaluator.sink.report(errors.wrong_type(span, expected, found, f'ckpt("{example}")'))


def _policy(rests: list[ast.Rest], evaluator: Evaluator) -> str:
    for rest in rests:
        if rest.policy.text not in POLICIES:
            reason = f"is one of {', '.join(POLICIES)}"
            evaluator.sink.report(errors.bad_clause(rest.policy.span, "rest", reason))
    if len(rests) > 1:
        first, second = rests[:2]
        evaluator.sink.report(errors.declared_twice("rest", first.span, second.span))
    return rests[0].policy.text if rests else "keep"
