"""Expressions whose value must wait for names that have none yet: entries, figures, files."""

from __future__ import annotations

from collections.abc import Mapping

from declspore.dataclass import dataclass
from declspore.language.domain import Evaluation
from declspore.language.reasons import compared, reasons
from declspore.language.scope import Scope
from declspore.language.values import Value
from declspore.source import Span
from declspore.syntax import ast


@dataclass(frozen=True, eq=False)
class Deferred:
    """An expression with the scope it was written in.

    Stages after the checker ask it for its value, and never look at its syntax.
    """

    _node: ast.Expression
    _scope: Scope

    @property
    def span(self) -> Span:
        return self._node.span

    @property
    def text(self) -> str:
        return self._node.span.text

    def value(self, evaluation: Evaluation, names: Mapping[str, Value]) -> Value:
        """The value where ``names`` have these values, or UNKNOWN with its problems reported."""
        return evaluation.evaluate(self._node, self._within(names))

    def truth(self, evaluation: Evaluation, names: Mapping[str, Value]) -> Value:
        """True or False, or UNKNOWN with its problems reported."""
        return evaluation.truth(self._node, self._within(names))

    def explained(self, names: Mapping[str, Value]) -> str:
        """Why it is false: of a comparison, what its sides are."""
        shown = compared(self._node, self._within(names))
        return "is false" if shown is None else f"{shown} is false"

    def reasons(self, names: Mapping[str, Value]) -> tuple[str, ...]:
        """What the questions in it found that make it false."""
        return reasons(self._node, self._within(names))

    def _within(self, names: Mapping[str, Value]) -> Scope:
        scope = Scope(self._scope)
        for name, value in names.items():
            scope.bind(name, value, self._node.span)
        return scope
