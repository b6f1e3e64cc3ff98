"""``edit`` in a spec: files, rules, patterns and templates, before any checkpoint is opened.

Loops are unrolled here. Conditions and values are kept as expressions, since what they are about
is known from headers only; what they say without headers is checked.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import zip_longest
from typing import assert_never

from declspore.check import errors
from declspore.check.conditions import Condition
from declspore.check.task import TaskKind, TaskStatement
from declspore.language.deferred import Deferred
from declspore.language.domain import Evaluation
from declspore.language.errors import wrong_type
from declspore.language.foreign import Place, meant
from declspore.language.scope import Scope
from declspore.language.values import (
    UNKNOWN,
    CheckpointFile,
    CheckpointRef,
    FileList,
    TaskOutput,
    Value,
    describe,
)
from declspore.registry.verb import every_verb, leaving_verb
from declspore.source import Span
from declspore.syntax import ast
from declspore.tasks.edit.formulas import Calculator
from declspore.tasks.edit.rules import RuleChecker
from declspore.tasks.edit.task import EditRule, EditTask, Input, Output, When

_NEEDS_RULES = "error"
"""The rest policy of an edit in which every entry needs a rule."""


def check_edit(
    kind: TaskKind, task: ast.Task, evaluation: Evaluation, scope: Scope
) -> EditTask | None:
    """The checked task, or None with every problem reported."""
    for attribute in task.attributes:
        word = attribute.name
        evaluation.sink.report(errors.unknown_attribute(word.span, f"`{kind.name}`", word.text, ()))
    inputs = [_input(file, evaluation, scope, used=False) for file in task.files("in")]
    inputs += [_input(file, evaluation, scope, used=True) for file in task.files("use")]
    outputs = [_output(file, evaluation, scope) for file in task.files("out")]
    body = _Body(task, evaluation)
    rules = tuple(body.parts(task.parts, body.scope(scope)))
    policy = _policy(body.rests, evaluation)
    known = tuple(output for output in outputs if output is not None)
    if not known or len(known) < len(outputs) or task.damaged:
        return None
    read = tuple(each for each in inputs if each is not None)
    own = read, known, rules, policy, tuple(body.ensures)
    return EditTask(kind, task.name.text, task.span, *own)


class _Body:
    """The statements of an edit. ``it``, ``them`` and the files have no value yet."""

    def __init__(self, task: ast.Task, evaluation: Evaluation) -> None:
        self.rests: list[ast.Rest] = []
        self.ensures: list[Condition] = []
        self._task = task
        self._evaluation = evaluation.within(Calculator())
        damaged = [word for place in task.damaged for word in place.words]
        inputs = [file.name.text for file in (*task.files("in"), *task.files("use"))]
        outputs = [file.name.text for file in task.files("out")]
        self._checker = RuleChecker((*inputs, *damaged), (*outputs, *damaged), self._evaluation)

    def scope(self, outer: Scope) -> Scope:
        """The scope of the statements, in which files hide what has their name."""
        scope = Scope(outer)
        for part in self._task.parts:
            if isinstance(part, ast.File):
                scope.bind(part.name.text, UNKNOWN, part.span)
        scope.declare_damaged(self._task.damaged)
        return scope

    def parts(self, parts: tuple[ast.Part, ...], scope: Scope) -> Iterator[EditRule]:
        """The rules of statements; what else there is, is kept."""
        for part, following in zip_longest(parts, parts[1:]):
            match part:
                case ast.Rule() if isinstance(following, ast.Damaged):
                    continue  # its clauses may be among what is damaged
                case ast.Rule():
                    rule = self._checker.rule(part, scope)
                    if rule is not None:
                        yield rule
                case ast.TaskWhen():
                    yield self._when(part, scope)
                case ast.TaskLoop():
                    for inner in self._evaluation.loop(part.bindings, scope, part.span):
                        yield from self.parts(part.parts, inner)
                case ast.Rest():
                    self.rests.append(part)
                case ast.Ensure():
                    self.ensures.append(Condition(Deferred(part.condition, scope), part.span))
                case ast.File() | ast.Attribute() | ast.Clause() | ast.Damaged():
                    pass  # files are evaluated before, the others are not part of an edit
                case _:
                    assert_never(part)

    def _when(self, part: ast.TaskWhen, scope: Scope) -> When:
        condition = Deferred(part.condition, scope)
        condition.truth(self._evaluation, {})
        for inner in (*part.then, *part.otherwise):
            if isinstance(inner, ast.Rest | ast.Ensure):
                word = "rest" if isinstance(inner, ast.Rest) else "ensure"
                reason = "is outside `when`"
                self._evaluation.sink.report(errors.bad_clause(inner.span, word, reason))
        then = tuple(self.parts(part.then, scope))
        return When(condition, then, tuple(self.parts(part.otherwise, scope)))


def _input(file: ast.File, evaluation: Evaluation, scope: Scope, *, used: bool) -> Input | None:
    value = evaluation.evaluate(file.value, scope)
    name = file.name.text
    if isinstance(value, CheckpointFile | TaskOutput):
        return Input(name, (value,), False, used, file.span)
    if isinstance(value, FileList):
        return Input(name, (value,), True, used, file.span)
    if isinstance(value, tuple) and value and all(isinstance(v, CheckpointRef) for v in value):
        return Input(name, value, True, used, file.span)
    if value is not UNKNOWN and not _holds_unknown(value):
        expected = "a checkpoint or a list of them"
        _report(evaluation, file.value.span, expected, value, "file.ckpt")
    return None


def _output(file: ast.File, evaluation: Evaluation, scope: Scope) -> Output | None:
    value = evaluation.evaluate(file.value, scope)
    name = file.name.text
    if isinstance(value, CheckpointFile):
        return Output(name, (value.term,), False, file.span)
    if isinstance(value, tuple) and value and all(isinstance(v, CheckpointFile) for v in value):
        return Output(name, tuple(one.term for one in value), True, file.span)
    if value is not UNKNOWN and not _holds_unknown(value):
        expected = "a file to write, or a list of them"
        _report(evaluation, file.value.span, expected, value, "new.ckpt")
    return None


def _holds_unknown(value: Value) -> bool:
    return isinstance(value, tuple) and any(one is UNKNOWN for one in value)


def _report(evaluation: Evaluation, span: Span, expected: str, value: Value, example: str) -> None:
    problem = wrong_type(span, expected, describe(value), f'ckpt("{example}")')
    evaluation.sink.report(problem)


def policy_names() -> tuple[str, ...]:
    """What ``rest`` may say: the verbs that are a policy, first the default, or an error."""
    found = [verb for verb in every_verb() if verb.is_policy]
    found.sort(key=lambda verb: (not verb.leaves, verb.name))
    return (*(verb.name for verb in found), _NEEDS_RULES)


def _policy(rests: list[ast.Rest], evaluation: Evaluation) -> str:
    policies = policy_names()
    for rest in rests:
        if rest.policy.text not in policies:
            reason = f"is one of {', '.join(policies)}"
            near = meant(Place.VERB, rest.policy.text) & set(policies)
            help = f"rest {near.pop()}" if near else None
            evaluation.sink.report(errors.bad_clause(rest.policy.span, "rest", reason, help))
    if len(rests) > 1:
        first, second = rests[:2]
        evaluation.sink.report(errors.declared_twice("rest", first.span, second.span))
    return rests[0].policy.text if rests else leaving_verb().name


KIND = TaskKind(
    name="edit",
    summary="Writes new checkpoints from the entries of others.",
    example="""edit new_head {
  in src  = ckpt("lenet.ckpt")
  out dst = ckpt("lenet-new.ckpt")
  delete src.`fc3.*`
  ensure finite(dst.`**`)
}""",
    check=check_edit,
    plan="declspore.tasks.edit.plan:plan_task",
    run="declspore.tasks.edit.run:run_edit",
    output_files="declspore.tasks.edit.plan:output_files",
    statements=(
        TaskStatement("in", "a file whose entries flow to the output", required=True),
        TaskStatement("use", "a file whose entries values may use"),
        TaskStatement("out", "a file to write", required=True),
        TaskStatement("rule", "a verb: what becomes of some entries"),
        TaskStatement("when", "statements that apply where a condition on headers holds"),
        TaskStatement("for", "statements for each item of a list"),
        TaskStatement("rest", "what happens to all other entries: keep, delete or error"),
        TaskStatement("ensure", "what must hold of inputs and outputs, or nothing is written"),
    ),
    outputs=lambda task: tuple(file.name.text for file in task.files("out")),
    computes=False,
)
