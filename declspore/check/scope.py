"""Names and what they stand for."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from declspore.source import Span


@dataclass(eq=False)
class Binding:
    """A name's value, or how to compute it at first use; ``span`` is where it is declared."""

    span: Span
    compute: Callable[[], Any] | None = None
    value: Any = None
    running: bool = False


@dataclass(eq=False)
class Scope:
    """Bindings of one block, and the scope around it."""

    parent: Scope | None = None
    bindings: dict[str, Binding] = field(default_factory=dict)

    def bind(self, name: str, value: Any, span: Span) -> None:
        self.bindings[name] = Binding(span, value=value)

    def defer(self, name: str, compute: Callable[[], Any], span: Span) -> None:
        self.bindings[name] = Binding(span, compute)

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
