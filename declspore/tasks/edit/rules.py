"""One statement of an edit: its verb, operands and clauses."""

from __future__ import annotations

from typing import Any

from declspore.check import errors
from declspore.elaborate.network import elaborate
from declspore.ir.network import Network
from declspore.ir.pattern import (
    Pattern,
    PatternError,
    Template,
    filled,
    path_pattern,
    regex_pattern,
    template,
)
from declspore.ir.value import CellLike
from declspore.language.deferred import Deferred
from declspore.language.domain import OUTSIDE, Evaluation
from declspore.language.errors import bad_pattern, unknown_member, wrong_type
from declspore.language.paths import fillings, inner_span
from declspore.language.scope import Scope
from declspore.language.values import UNKNOWN, Unknown, describe, flows
from declspore.registry.table import verbs
from declspore.registry.verb import CLAUSES, VerbKind
from declspore.source import Span
from declspore.syntax import ast
from declspore.tasks.edit.task import Rule, Selector, Target

PART = "part"
"""What counts the parts of a split in its one name."""


class RuleChecker:
    """Checks statements over inputs and outputs of some names."""

    def __init__(
        self, inputs: tuple[str, ...], outputs: tuple[str, ...], evaluation: Evaluation
    ) -> None:
        self._inputs = inputs
        self._outputs = outputs
        self._evaluation = evaluation
        self._sink = evaluation.sink

    def rule(self, statement: ast.Rule, scope: Scope) -> Rule | None:
        """The checked rule; None with the problem reported where it has no verb."""
        verb = verbs().get(statement.verb.text)
        if verb is None:
            word = statement.verb
            self._sink.report(errors.unknown_verb(word.span, word.text, verbs().words()))
            return None
        assert isinstance(verb, VerbKind)
        self._check_clauses(statement, verb)
        kinds: dict[str, str] = {}
        new = verb.about == "new"
        files = (*self._inputs, *self._outputs) if new else self._inputs
        selectors = self._selectors(statement.operands, files, scope, kinds)
        excepted = self._selectors(statement.excepted, files, scope, kinds)
        if new:
            self._check_new_names(statement, selectors)
        inner = _captured(statement, selectors, scope)
        if statement.condition is not None:
            self._evaluation.truth(statement.condition, inner)
        if statement.value is not None:
            self._check_value(statement.value, inner)
        count = statement.count
        return Rule(
            verb,
            selectors,
            excepted,
            self._kept(statement.condition, scope),
            self._targets(statement, verb, selectors, scope),
            self._kept(statement.value, scope),
            self._network(statement.network, scope),
            None if count is None else count.number,
            count is not None and count.number is None,
            statement.span,
        )

    def _kept(self, node: ast.Expression | None, scope: Scope) -> Deferred | None:
        return None if node is None else Deferred(node, scope)

    def _check_clauses(self, statement: ast.Rule, verb: VerbKind) -> None:
        given: dict[str, Any] = {
            "target": statement.targets[0] if statement.targets else None,
            "value": statement.value,
            "except": statement.excepted[0] if statement.excepted else None,
            "where": statement.condition,
            "from": statement.network,
            "count": statement.count,
        }
        if "targets" in verb.clauses:
            given["targets"] = given.pop("target")
        for clause in CLAUSES:
            if clause.name not in given:
                continue
            node = given[clause.name]
            if node is not None and clause.name not in verb.clauses:
                self._misused(node.span, verb, f"takes no {clause.shown}")
            if node is None and clause.name in verb.required:
                self._misused(statement.span, verb, f"needs a {clause.shown}")
        if len(statement.targets) > 1 and "target" in verb.clauses:
            self._misused(statement.targets[1].span, verb, "takes one new name")
        if verb.about == "new" and (statement.value is None) == (statement.network is None):
            self._misused(statement.span, verb, "needs a value (= ...) or a network (from ...)")

    def _misused(self, span: Span, verb: VerbKind, reason: str) -> None:
        self._sink.report(errors.bad_clause(span, verb.name, reason, verb.example))

    # ---- what it is about

    def _selectors(
        self,
        operands: tuple[ast.Operand, ...],
        files: tuple[str, ...],
        scope: Scope,
        kinds: dict[str, str],
    ) -> tuple[Selector, ...]:
        selectors = []
        for operand in operands:
            source = operand.source
            name = None if source is None else self._file(source, files, scope)
            pattern = self._pattern(operand.path, scope, kinds)
            if not isinstance(pattern, Unknown):
                selectors.append(Selector(name, pattern, operand.span))
        return tuple(selectors)

    def _file(self, word: ast.Word, files: tuple[str, ...], scope: Scope) -> str:
        """The file of a path: by its name, or by a name of a loop that has it as its value."""
        if word.text in files:
            return word.text
        binding = scope.find(word.text)
        value = None if binding is None else binding.value
        if isinstance(value, str) and value in files:
            return value
        self._sink.report(unknown_member(word.span, "the edit", word.text, files))
        return word.text

    def _pattern(self, node: ast.Path, scope: Scope, kinds: dict[str, str]) -> Pattern | Unknown:
        try:
            if node.is_regex:
                return regex_pattern(node.text)
            return path_pattern(self._filled(node, scope), kinds)
        except PatternError as error:
            self._sink.report(bad_pattern(inner_span(node, error), str(error)))
            return UNKNOWN

    def _filled(self, node: ast.Path, scope: Scope) -> str:
        return filled(node.text, fillings(self._evaluation, scope))

    def _check_new_names(self, statement: ast.Rule, selectors: tuple[Selector, ...]) -> None:
        verb = statement.verb.text
        for operand, selector in zip(statement.operands, selectors, strict=False):
            named = operand.source is None or operand.source.text in self._outputs
            if not named or not (selector.pattern.is_exact or statement.network is not None):
                reason = "takes the plain name of a new entry"
                example = "add `fc3.bias` = zeros([10])"
                self._sink.report(errors.bad_clause(operand.span, verb, reason, example))
        if len(statement.operands) > 1:
            reason = "takes one name"
            self._sink.report(errors.bad_clause(statement.operands[1].span, verb, reason))

    # ---- what becomes of it

    def _targets(
        self,
        statement: ast.Rule,
        verb: VerbKind,
        selectors: tuple[Selector, ...],
        scope: Scope,
    ) -> tuple[Target, ...]:
        targets = []
        several = len(statement.targets) > 1
        for node in statement.targets:
            output = self._outputs[0] if self._outputs else ""  # what is missing is reported
            if node.source is not None:
                output = self._file(node.source, self._outputs, scope)
            found = self._template(node.path, scope)
            if found is None:
                continue
            counts = "targets" in verb.clauses and not several
            counted = frozenset({PART}) if counts else frozenset()
            for selector in selectors:
                self._check_captures(found, selector.pattern, node.path, counted)
            targets.append(Target(output, found, node.span))
        return tuple(targets)

    def _template(self, node: ast.Path, scope: Scope) -> Template | None:
        try:
            return template(self._filled(node, scope))
        except PatternError as error:
            self._sink.report(bad_pattern(inner_span(node, error), str(error)))
            return None

    def _check_captures(
        self, target: Template, pattern: Pattern, node: ast.Path, counted: frozenset[str]
    ) -> None:
        for name in sorted(target.uses - pattern.captures - counted):
            self._sink.report(errors.unknown_capture(node.span, name, pattern.captures))
        if not pattern.is_regex:
            for name in sorted((target.counts & pattern.captures) - pattern.integers):
                reason = f"`{name}` is counted with, so it must be captured as `{{{name}:int}}`"
                self._sink.report(bad_pattern(node.span, reason))

    def _check_value(self, node: ast.Expression, scope: Scope) -> None:
        value = self._evaluation.evaluate(node, scope)
        plain = isinstance(value, int | float | tuple) and not isinstance(value, bool)
        if value is not UNKNOWN and not plain and not flows(value):
            help = "zeros([10])"
            self._sink.report(wrong_type(node.span, "a tensor", describe(value), help))

    def _network(self, node: ast.Expression | None, scope: Scope) -> Network | None:
        if node is None:
            return None
        cell = self._evaluation.evaluate(node, scope)
        if cell is UNKNOWN:
            return None
        if not isinstance(cell, CellLike):
            help = "LeNet5()"
            self._sink.report(wrong_type(node.span, "a network", describe(cell), help))
            return None
        return elaborate(self._evaluation.within(OUTSIDE), cell, node.span)


def _captured(statement: ast.Rule, selectors: tuple[Selector, ...], scope: Scope) -> Scope:
    """The scope of a value, in which captures, ``it`` and ``them`` have no value yet."""
    inner = Scope(scope)
    names = {name for selector in selectors for name in selector.pattern.captures}
    for name in sorted({*names, "it", "them"}):
        inner.bind(name, UNKNOWN, statement.span)
    return inner
