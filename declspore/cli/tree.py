"""Entries as a tree of their names."""

from __future__ import annotations

from collections.abc import Iterable

from declspore.ir.header import HeaderEntry
from declspore.spelling import count
from declspore.text import size, table

_DEEPEST = 64
"""Groups in groups; a name of more dots is not meant as a tree."""

Node = dict[str, "Node | HeaderEntry"]


def tree(chosen: Iterable[tuple[HeaderEntry, str]]) -> list[str]:
    """Lines: names by their dots, groups with how many entries and bytes they hold."""
    root: Node = {}
    for entry, _ in chosen:
        *folders, last = entry.name.split(".", _DEEPEST)
        node = root
        for folder in folders:
            inner = node.setdefault(folder + ".", {})
            assert isinstance(inner, dict)
            node = inner
        node[last] = entry
    return table(_rows(root, ""))


def _rows(node: Node, indent: str) -> list[tuple[str, str]]:
    rows: list[tuple[str, str]] = []
    for index, (name, inner) in enumerate(node.items()):
        last = index == len(node) - 1
        branch = indent + ("`- " if last else "|- ")
        if not isinstance(inner, dict):
            rows.append((branch + name, inner.type))
            continue
        path, group = _shortened(name, inner)
        entries = _entries(group)
        held = sum(entry.nbytes for entry in entries)
        rows.append((branch + path, f"{count(len(entries), 'entry', 'entries')}, {size(held)}"))
        rows += _rows(group, indent + ("   " if last else "|  "))
    return rows


def _shortened(name: str, node: Node) -> tuple[str, Node]:
    """A group that holds one group only, with it on one line."""
    while len(node) == 1:
        ((only, inner),) = node.items()
        if not isinstance(inner, dict):
            break
        name, node = name + only, inner
    return name, node


def _entries(node: Node) -> list[HeaderEntry]:
    found: list[HeaderEntry] = []
    for inner in node.values():
        found += _entries(inner) if isinstance(inner, dict) else [inner]
    return found
