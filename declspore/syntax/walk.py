"""What lies within a node of the syntax tree, whatever its kind."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from typing import Any

from declspore.source import Source, Span


def children(node: Any) -> Iterator[Any]:
    """The nodes directly within a node, in the order of its fields."""
    for name in _fields(type(node)):
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


def _fields(kind: type[Any]) -> tuple[str, ...]:
    if kind not in _KNOWN:
        _KNOWN[kind] = tuple(field.name for field in fields(kind))
    return _KNOWN[kind]


_KNOWN: dict[type[Any], tuple[str, ...]] = {}
