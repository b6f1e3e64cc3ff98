"""Expressions to values.

Assumes a syntax tree; guarantees a value or :data:`UNKNOWN` with the problem reported. Evaluation
is total: loops run over finite lists, nothing recurses, nothing is read or written.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from declspore.ir.amount import Amount
from declspore.ir.value import EntriesLike, TensorLike
from declspore.language import errors
from declspore.language.applied import binary_operation, unary
from declspore.language.budget import Budget
from declspore.language.call_arguments import given_arguments
from declspore.language.cells import Absent, Skipped
from declspore.language.domain import OUTSIDE, Domain, HasMembers, Workshop
from declspore.language.foreign import words_like
from declspore.language.lists import listed, looped
from declspore.language.names import NAMES
from declspore.language.paths import pattern_of, selected
from declspore.language.scope import Binding, Scope
from declspore.language.strings import literal
from declspore.language.subscripts import indexed
from declspore.language.values import UNKNOWN, Unknown, Value, describe
from declspore.language.words import call
from declspore.registry.table import vocabulary
from declspore.report import Sink
from declspore.source import Span
from declspore.syntax import ast

Observer = Callable[[ast.Expression, Value], None]
"""Gets every expression that is evaluated, with its value."""

_OF_TENSORS = "between tensors, logical_and(a, b), logical_or(a, b), logical_not(a), where(c, a, b)"


class Evaluator:
    """Evaluates expressions (:class:`declspore.language.domain.Evaluation`).

    ``domain`` is what tensors are; ``observer`` is shown every expression with its value, the
    value of a tensor being one with its type.
    """

    def __init__(
        self,
        sink: Sink,
        domain: Domain = OUTSIDE,
        budget: Budget | None = None,
        observer: Observer | None = None,
    ) -> None:
        self.sink = sink
        self.budget = budget or Budget(sink)
        self.domain = domain
        self.workshop = Workshop()
        self._observer = observer
        self._cases: dict[type, Callable[..., Value]] = {
            ast.Name: self._name,
            ast.Literal: lambda node, scope: literal(self, node, scope),
            ast.Quantity: self._quantity,
            ast.Path: lambda node, scope: pattern_of(self, node, scope),
            ast.List: lambda node, scope: listed(self, node, scope),
            ast.Call: self._call,
            ast.Index: lambda node, scope: indexed(self, node, scope),
            ast.Member: self._member,
            ast.PathOf: lambda node, scope: selected(self, node, scope),
            ast.Maybe: self._maybe,
            ast.Unary: lambda node, scope: unary(self, node, scope),
            ast.Binary: lambda node, scope: binary_operation(self, node, scope),
            ast.Conditional: self._conditional,
            ast.Damaged: lambda node, scope: UNKNOWN,
        }

    def within(self, domain: Domain) -> Evaluator:
        """An evaluator that shares sink, budget and observer, where tensors are something else."""
        return Evaluator(self.sink, domain, self.budget, self._observer)

    def evaluate(self, node: ast.Expression, scope: Scope) -> Value:
        """The value of an expression, or UNKNOWN with its problems reported."""
        if not self.budget.steps(node.span):
            return UNKNOWN
        value = self._cases[type(node)](node, scope)
        if self._observer is not None:
            self._observer(node, value)
        return value

    def truth(self, node: ast.Expression, scope: Scope) -> Value:
        """True or False, or UNKNOWN with a diagnostic."""
        value = self.evaluate(node, scope)
        if isinstance(value, bool | Unknown):
            return value
        is_tensor = isinstance(value, TensorLike) and not isinstance(value, EntriesLike)
        help = _OF_TENSORS if is_tensor else None
        found = describe(value)
        self.sink.report(errors.wrong_type(node.span, "true or false", found, help))
        return UNKNOWN

    def loop(self, bindings: tuple[ast.Binding, ...], scope: Scope, at: Span) -> Iterator[Scope]:
        """A scope for each round of the loop ``at``, its names bound; bounded in number."""
        yield from looped(self, bindings, scope, at)

    def force(self, name: str, binding: Binding, span: Span) -> Value:
        """The value of a binding, computed at first use."""
        if binding.compute is None:
            return binding.value
        if binding.running:
            self.sink.report(errors.cycle(span, name))
            return UNKNOWN
        binding.running = True
        made = len(self.workshop.made)
        try:
            binding.value = binding.compute()
        finally:
            binding.running = False
        del self.workshop.made[made:]  # cells of a `let` belong to no template: all share them
        binding.compute = None
        return binding.value

    # ---- one node each

    def _quantity(self, node: ast.Quantity, scope: Scope) -> Value:
        return node.value / 100 if node.unit == "%" else Amount(node.value, node.unit)

    def _call(self, node: ast.Call, scope: Scope) -> Value:
        callee = self.evaluate(node.function, scope)
        given = given_arguments(self, node.arguments, scope)
        return call(self, callee, given, node.span, node.function.span)

    def _maybe(self, node: ast.Maybe, scope: Scope) -> Value:
        value = self.evaluate(node.value, scope)
        return Skipped() if isinstance(value, Absent) else value

    def _conditional(self, node: ast.Conditional, scope: Scope) -> Value:
        condition = self.truth(node.condition, scope)
        if condition is UNKNOWN:
            return UNKNOWN
        return self.evaluate(node.then if condition else node.otherwise, scope)

    def _name(self, node: ast.Name, scope: Scope) -> Value:
        binding = scope.find(node.name)
        if binding is not None:
            return self.force(node.name, binding, node.span)
        if node.name in NAMES:
            return NAMES[node.name]
        kind = vocabulary().get(node.name)
        if kind is None and self.sink.repeats("E201", node.span):
            return UNKNOWN
        if kind is None:
            candidates = [*scope.names(), *words_like(node.name)]
            self.sink.report(errors.unknown_name(node.span, node.name, candidates))
            return UNKNOWN
        return kind

    def _member(self, node: ast.Member, scope: Scope) -> Value:
        value = self.evaluate(node.value, scope)
        if value is UNKNOWN:
            return UNKNOWN
        if isinstance(value, HasMembers):
            return value.member(self, node.name)
        name, of = node.name, node.value.span
        self.sink.report(errors.unknown_member(name.span, describe(value), name.text, (), of))
        return UNKNOWN
