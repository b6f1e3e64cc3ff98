"""Names and what they stand for."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import field

from declspore.dataclass import dataclass
from declspore.language.names import NAMES
from declspore.language.values import UNKNOWN, Value
from declspore.registry.table import vocabulary
from declspore.source import Span
from declspore.syntax import ast


@dataclass(eq=False)
class Binding:
    """A name's value, or how to compute it at first use; ``span`` is where it is declared."""

    span: Span
    compute: Callable[[], Value] | None = None
    value: Value = None
    running: bool = False


@dataclass(eq=False)
class Scope:
    """Bindings of one block, and the scope around it."""

    parent: Scope | None = None
    bindings: dict[str, Binding] = field(default_factory=dict)

    def bind(self, name: str, value: Value, span: Span) -> None:
        self.bindings[name] = Binding(span, value=value)

    def defer(self, name: str, compute: Callable[[], Value], span: Span) -> None:
        self.bindings[name] = Binding(span, compute)

    def declare_damaged(self, damaged: Iterable[ast.Damaged]) -> None:
        """Bind what damaged text may have named, so that it is not reported as undefined."""
        for place in damaged:
            for word in place.words:
                known = word in NAMES or vocabulary().get(word) is not None
                if not known and self.find(word) is None:
                    self.bind(word, UNKNOWN, place.span)

    def assign_damaged(self, damaged: ast.Damaged) -> None:
        """What a damaged statement may have given a value has none that is known."""
        for word in damaged.words:
            if vocabulary().get(word) is None:
                self.bind(word, UNKNOWN, damaged.span)

    def find(self, name: str) -> Binding | None:
        scope: Scope | None = self
        while scope is not None:
            if name in scope.bindings:
                return scope.bindings[name]
            scope = scope.parent
        return None

    def names(self) -> Iterator[str]:
        """Every visible name, innermost first."""
        scope: Scope | None = self
        while scope is not None:
            yield from scope.bindings
            scope = scope.parent
