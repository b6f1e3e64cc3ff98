"""What lies within a node of the syntax tree, whatever its kind."""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from dataclasses import fields, is_dataclass
from functools import cache
from typing import Any

from declspore.source import Source, Span


def children(node: Any) -> Iterator[Any]:
    """The nodes directly within a node, in the order of its fields."""
    kind: Hashable = type(node)
    for name in _fields(kind):
        value = getattr(node, name)
        for item in value if isinstance(value, tuple) else (value,):
            if is_dataclass(item) and not isinstance(item, Span | Source):
                yield item


def descendants(node: Any) -> Iterator[Any]:
    """The node and all nodes within it, outermost first."""
    waiting = [node]
    while waiting:
        current = waiting.pop()
        yield current
        waiting.extend(reversed(list(children(current))))


@cache
def _fields(kind: Any) -> tuple[str, ...]:
    return tuple(field.name for field in fields(kind))
