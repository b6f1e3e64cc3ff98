"""Two paths next to each other: the segments they share, and the changes between them."""

from __future__ import annotations

from collections.abc import Iterator

from declspore.suggest.paths import Segments


def aligned(old: Segments, new: Segments) -> Iterator[tuple[Segments, Segments, bool]]:
    """Runs of segments that both paths share, and the changes between them."""
    head = 0
    while head < min(len(old), len(new)) and old[head] == new[head]:
        head += 1
    tail = 0
    while tail < min(len(old), len(new)) - head and old[-1 - tail] == new[-1 - tail]:
        tail += 1
    if head:
        yield old[:head], old[:head], True
    yield from _middle(old[head : len(old) - tail], new[head : len(new) - tail])
    if tail:
        yield old[-tail:], old[-tail:], True


def _middle(old: Segments, new: Segments) -> Iterator[tuple[Segments, Segments, bool]]:
    """Around the longest run that both share."""
    if not old and not new:
        return
    longest, at, to = 0, 0, 0
    for i in range(len(old)):
        for j in range(len(new)):
            length = 0
            while (
                i + length < len(old)
                and j + length < len(new)
                and old[i + length] == new[j + length]
            ):
                length += 1
            if length > longest:
                longest, at, to = length, i, j
    if not longest:
        yield old, new, False
        return
    yield from _middle(old[:at], new[:to])
    yield old[at : at + longest], old[at : at + longest], True
    yield from _middle(old[at + longest :], new[to + longest :])
