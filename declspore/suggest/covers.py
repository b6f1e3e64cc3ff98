"""The fewest patterns that match some names of a file and no others."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterator


def covers(chosen: Collection[str], names: Collection[str]) -> list[str]:
    """Patterns that together match the ``chosen`` of ``names`` and no others; the widest first."""
    wanted = set(chosen)
    left = dict.fromkeys(chosen)
    if not left:
        return []
    if len(left) == len(names):
        return ["**"]
    found: list[str] = []
    for patterns_of in (_by_ends, _by_parents):
        found += _widest(patterns_of, wanted, left, names)
    return found + list(left)


def _widest(
    patterns_of: Callable[[str], Iterator[str]],
    wanted: Collection[str],
    left: dict[str, None],
    names: Collection[str],
) -> Iterator[str]:
    groups: dict[str, list[str]] = defaultdict(list)
    strangers: set[str] = set()
    for name in names:
        for pattern in patterns_of(name):
            groups[pattern].append(name)
            if name not in wanted:
                strangers.add(pattern)
    for pattern in sorted(groups, key=lambda pattern: -len(groups[pattern])):
        matched = [name for name in groups[pattern] if name in left]
        if pattern not in strangers and len(matched) > 1:
            yield _narrowed(pattern, groups[pattern])
            for name in matched:
                del left[name]


def _narrowed(pattern: str, names: Collection[str]) -> str:
    """``layer.*`` for ``layer.**`` where that matches as many."""
    flat = pattern.endswith(".**") and all(
        name.count(".") < pattern.count(".") + 1 for name in names
    )
    return pattern[:-1] if flat else pattern


def _by_ends(name: str) -> Iterator[str]:
    first, *rest = name.split(".")
    if rest:
        yield f"{first}.**"
        yield f"**.{rest[-1]}"
    if len(rest) > 1:
        yield f"**.{rest[-2]}.{rest[-1]}"


def _by_parents(name: str) -> Iterator[str]:
    parent, dot, _ = name.rpartition(".")
    while dot:
        yield f"{parent}.**"
        parent, dot, _ = parent.rpartition(".")
