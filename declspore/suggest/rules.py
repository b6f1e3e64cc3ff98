"""Rewritings of paths, and those that two paths suggest."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import SequenceMatcher

from declspore.dataclass import dataclass
from declspore.suggest.align import aligned
from declspore.suggest.paths import Segments, means

START, END = "\1", "\2"
"""Neighbours of the first and of the last segment."""

_WIDEST = 3
"""Segments that a change within a path may concern; one at its beginning may concern all."""


@dataclass(frozen=True, slots=True)
class Rule:
    """``old`` segments become ``new`` ones, where ``left`` and ``right`` (if given) are
    neighbours."""

    left: str | None
    old: Segments
    new: Segments
    right: str | None

    def images(self, path: Segments) -> Iterator[tuple[int, Segments]]:
        """The path rewritten at each place where the rule applies, with the place."""
        length, width = len(path), len(self.old)
        first = self.old[0] if self.old else None
        for index in range(length - width + 1):
            if first is not None and path[index] != first:
                continue
            if width > 1 and path[index : index + width] != self.old:
                continue
            if self.left is not None and self.left != (path[index - 1] if index else START):
                continue
            end = index + width
            if self.right is not None and self.right != (path[end] if end < length else END):
                continue
            yield index, path[:index] + self.new + path[end:]

    @property
    def likeness(self) -> float:
        """How much the old words look like the new ones, 0 to 1."""
        if not self.old or not self.new:
            return 0.5
        if len(self.old) != len(self.new):
            return _likeness(".".join(self.old), ".".join(self.new))
        alike = [_likeness(old, new) for old, new in zip(self.old, self.new, strict=True)]
        return sum(alike) / len(alike)

    @property
    def size(self) -> int:
        given = (self.left is not None) + (self.right is not None)
        return len(self.old) + len(self.new) + given


def _likeness(old: str, new: str) -> float:
    begins = old.startswith(new) or new.startswith(old)
    return max(SequenceMatcher(None, old, new).ratio(), 0.6 if begins else 0.0)


def ranges(length: int) -> Iterator[tuple[int, int]]:
    for begin in range(length + 1):
        widest = length if begin == 0 else min(length, begin + _WIDEST)
        for end in range(begin, widest + 1):
            yield begin, end


def neighbours(path: Segments, begin: int, end: int) -> tuple[str, str]:
    return path[begin - 1] if begin else START, path[end] if end < len(path) else END


def rules_between(old: Segments, new: Segments, left: str, right: str) -> Iterator[Rule]:
    """The change as a rule for anywhere, and next to its neighbours only."""
    if old == new or (old and new and (old[0] == new[0] or old[-1] == new[-1])):
        return  # a smaller change is the same
    if any(means(segment) for segment in (*old, *new)):
        return  # a scale is not a shift
    if old and not all(segment.isdigit() for segment in old):
        yield Rule(None, old, new, None)
    if not left.isdigit():
        yield Rule(left, old, new, None)
    if not right.isdigit() and right != END:
        yield Rule(None, old, new, right)
    if not left.isdigit() and not right.isdigit():
        yield Rule(left, old, new, right)


def differences(old: Segments, new: Segments) -> Iterator[Rule]:
    """The changes that make one path of another, from the front."""
    left = START
    for before, after, equal in aligned(old, new):
        if equal:
            left = before[-1]
        elif not any(means(segment) for segment in (*before, *after)):
            yield Rule(left if left == START or not before else None, before, after, None)
        if not equal and after:
            left = after[-1]
