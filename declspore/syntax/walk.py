"""What lies within a node of the syntax tree, whatever its kind."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, is_dataclass

from declspore.source import Source, Span


def children(node: object) -> list[object]:
    """The nodes directly within a node, in the order of its fields."""
    found: list[object] = []
    for name in _fields(type(node)):
        value = getattr(node, name)
        if type(value) is tuple:
            found += [item for item in value if _fields(type(item))]
        elif _fields(type(value)):
            found.append(value)
    return found


def descendants(node: object) -> Iterator[object]:
    """The node and all nodes within it, outermost first."""
    waiting = [node]
    while waiting:
        current = waiting.pop()
        yield current
        within = children(current)
        within.reverse()
        waiting += within


def _fields(kind: type) -> tuple[str, ...]:
    """Where a node may hold others; nothing for what is not a node."""
    if kind not in _KNOWN:
        is_node = is_dataclass(kind) and not issubclass(kind, Span | Source)
        names = [f.name for f in fields(kind) if f.name != "span"] if is_node else ()
        _KNOWN[kind] = tuple(names)
    return _KNOWN[kind]


_KNOWN: dict[type, tuple[str, ...]] = {}
