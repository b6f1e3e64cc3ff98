"""Edit blocks: verbs, patterns, templates and values, before any checkpoint is opened."""

from __future__ import annotations

from typing import Any

from declspore.check import errors
from declspore.check.evaluate import Evaluator, inner_span
from declspore.check.result import Condition, EditTask, Rule, Selector
from declspore.check.scope import Scope
from declspore.check.values import (
    UNKNOWN,
    CheckpointFile,
    CheckpointRef,
    TaskOutput,
    Unknown,
    describe,
)
from declspore.ir.pattern import Pattern, PatternError, Template, template
from declspore.ir.term import Arguments, Term
from declspore.registry.kind import Misfit
from declspore.registry.table import verbs, vocabulary
from declspore.registry.tensor import TensorKind
from declspore.registry.verb import VerbKind
from declspore.syntax import ast

POLICIES = ("keep", "delete", "error")
_CLAUSE_NAMES = {
    "target": "new name (-> `path`)",
    "value": "value (= ...)",
    "except": "exceptions (except ...)",
    "count": "count (exactly ..., optional)",
}


def check_edit(task: ast.Edit, evaluator: Evaluator, scope: Scope) -> EditTask | None:
    """The checked task, or None with every problem reported."""
    inputs = tuple((file.name.text, _input(file, evaluator, scope)) for file in task.inputs)
    output = _output(task.output, evaluator, scope)
    names = tuple(name for name, _ in inputs)
    rules = [_rule(verb, names, evaluator, scope) for verb in task.verbs]
    policy = _policy(task, evaluator)
    conditions = tuple(Condition(e.condition, scope, e.span) for e in task.ensures)
    if output is None:
        return None
    return EditTask(
        task.name.text,
        tuple((name, ref) for name, ref in inputs if ref is not None),
        task.output.name.text,
        output,
        tuple(rule for rule in rules if rule is not None),
        policy,
        conditions,
        task.span,
    )


def _input(file: ast.File, evaluator: Evaluator, scope: Scope) -> CheckpointRef | None:
    value = evaluator.evaluate(file.value, scope)
    if isinstance(value, CheckpointFile | TaskOutput):
        return value
    if value is not UNKNOWN:
        help = 'ckpt("file.ckpt")'
        found = describe(value)
        evaluator.sink.report(errors.wrong_type(file.value.span, "a checkpoint", found, help))
    return None


def _output(file: ast.File, evaluator: Evaluator, scope: Scope) -> Term | None:
    value = evaluator.evaluate(file.value, scope)
    if isinstance(value, CheckpointFile):
        return value.term
    if value is not UNKNOWN:
        help = 'ckpt("new.ckpt")'
        found = describe(value)
        evaluator.sink.report(errors.wrong_type(file.value.span, "a file to write", found, help))
    return None


def _policy(task: ast.Edit, evaluator: Evaluator) -> str:
    for rest in task.rests:
        if rest.policy.text not in POLICIES:
            reason = f"is one of {', '.join(POLICIES)}"
            evaluator.sink.report(errors.bad_clause(rest.policy.span, "rest", reason))
    if len(task.rests) > 1:
        first, second = task.rests[:2]
        evaluator.sink.report(errors.declared_twice("rest", first.span, second.span))
    return task.rests[0].policy.text if task.rests else "keep"


def _rule(
    statement: ast.VerbStatement, inputs: tuple[str, ...], evaluator: Evaluator, scope: Scope
) -> Rule | None:
    verb = verbs().get(statement.verb.text)
    if verb is None:
        word = statement.verb
        evaluator.sink.report(errors.unknown_verb(word.span, word.text, verbs().words()))
        return None
    assert isinstance(verb, VerbKind)
    _check_clauses(statement, verb, evaluator)
    selectors = _selectors(statement.operands, inputs, evaluator)
    excepted = _selectors(statement.excepted, inputs, evaluator)
    target = _target(statement, selectors, evaluator)
    value = _value(statement, evaluator, scope)
    if verb.creates:
        _check_new_name(statement, selectors, evaluator)
    count = statement.count
    return Rule(
        verb,
        selectors,
        excepted,
        target,
        value,
        None if count is None else count.number,
        count is not None and count.number is None,
        statement.span,
    )


def _check_clauses(statement: ast.VerbStatement, verb: VerbKind, evaluator: Evaluator) -> None:
    given: dict[str, Any] = {
        "target": statement.target,
        "value": statement.value,
        "except": statement.excepted[0] if statement.excepted else None,
        "count": statement.count,
    }
    for clause, node in given.items():
        shown = _CLAUSE_NAMES[clause]
        if node is not None and clause not in verb.clauses:
            reason = f"takes no {shown}"
            evaluator.sink.report(errors.bad_clause(node.span, verb.name, reason, verb.example))
        if node is None and clause in verb.required:
            reason = f"needs a {shown}"
            evaluator.sink.report(
                errors.bad_clause(statement.span, verb.name, reason, verb.example)
            )


def _selectors(
    operands: tuple[ast.Operand, ...], inputs: tuple[str, ...], evaluator: Evaluator
) -> tuple[Selector, ...]:
    selectors = []
    for operand in operands:
        source = operand.source
        if source is not None and source.text not in inputs:
            evaluator.sink.report(
                errors.unknown_member(source.span, "the edit", source.text, inputs)
            )
        pattern = evaluator.pattern(operand.path)
        if not isinstance(pattern, Unknown):
            name = source.text if source else None
            selectors.append(Selector(name, pattern, operand.span))
    return tuple(selectors)


def _target(
    statement: ast.VerbStatement, selectors: tuple[Selector, ...], evaluator: Evaluator
) -> Template | None:
    node = statement.target
    if node is None:
        return None
    try:
        target = template(node.text)
    except PatternError as error:
        evaluator.sink.report(errors.bad_pattern(inner_span(node, error), str(error)))
        return None
    for selector in selectors:
        _check_captures(target, selector.pattern, node, evaluator)
    return target


def _check_captures(
    target: Template, pattern: Pattern, node: ast.Path, evaluator: Evaluator
) -> None:
    for name in sorted(target.uses - pattern.captures):
        evaluator.sink.report(errors.unknown_capture(node.span, name, pattern.captures))
    if not pattern.is_regex:
        for name in sorted((target.counts & pattern.captures) - pattern.integers):
            reason = f"`{name}` is counted with, so it must be captured as `{{{name}:int}}`"
            evaluator.sink.report(errors.bad_pattern(node.span, reason))


def _check_new_name(
    statement: ast.VerbStatement, selectors: tuple[Selector, ...], evaluator: Evaluator
) -> None:
    for operand, selector in zip(statement.operands, selectors, strict=False):
        if operand.source is not None or not selector.pattern.is_exact:
            reason = "takes the plain name of a new entry"
            example = "add `fc3.bias` = zeros([10])"
            evaluator.sink.report(
                errors.bad_clause(operand.span, statement.verb.text, reason, example)
            )
    if len(statement.operands) > 1:
        reason = "takes one name"
        evaluator.sink.report(
            errors.bad_clause(statement.operands[1].span, statement.verb.text, reason)
        )


def _value(statement: ast.VerbStatement, evaluator: Evaluator, scope: Scope) -> Term | None:
    """A tensor term; a number or list of numbers stands for ``tensor(...)``."""
    node = statement.value
    if node is None:
        return None
    value = evaluator.evaluate(node, scope)
    if value is UNKNOWN:
        return None
    if isinstance(value, int | float | tuple) and not isinstance(value, bool):
        value = Term("tensor", "tensor", Arguments(data=value, dtype=None), node.span)
    if not isinstance(value, Term) or value.family != "tensor":
        help = "zeros([10])"
        evaluator.sink.report(errors.wrong_type(node.span, "a tensor", describe(value), help))
        return None
    try:
        vocabulary().of(TensorKind, value.word).infer(value.arguments)
    except Misfit as error:
        evaluator.sink.report(errors.misfit(node.span, value.word, str(error), error.help))
    return value
