"""Pairs of names told apart by everything but their numbers, and what a pattern can make of them.

A thousand layers are one kind; so patterns are learnt from a few kinds, however many names.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import field

from declspore.dataclass import dataclass
from declspore.suggest.align import aligned

_NUMBER = re.compile(r"\d+")
_FAR = "\1\2\3\4\5\6"
"""Stand for captured runs of segments."""

Numbers = tuple[int, ...]


@dataclass
class FamilyOfNames:
    """Names that differ in numbers only, as their new names do.

    ``runs`` are the segments that stay and those that change, in one of them; ``members`` are the
    numbers in each name and in its new name.
    """

    runs: tuple[tuple[tuple[str, ...], tuple[str, ...], bool], ...]
    members: dict[str, tuple[Numbers, Numbers]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Written:
    """A pattern and its new name with ``#`` for numbers, and which numbers those are."""

    old: str
    new: str
    old_places: Numbers
    new_places: Numbers


def skeleton(name: str) -> str:
    return _NUMBER.sub("#", name)


def kinds_of(pairs: Mapping[str, str]) -> list[FamilyOfNames]:
    found: dict[object, FamilyOfNames] = {}
    for old, new in pairs.items():
        before = tuple(int(number) for number in _NUMBER.findall(old))
        after = tuple(int(number) for number in _NUMBER.findall(new))
        steps = None
        if len(before) == len(after):
            steps = tuple(b - a for a, b in zip(before, after, strict=True))
        key = (skeleton(old), skeleton(new), steps)
        if key not in found:
            found[key] = FamilyOfNames(tuple(aligned(tuple(old.split(".")), tuple(new.split(".")))))
        found[key].members[old] = (before, after)
    return list(found.values())


def patterns(
    kinds: Sequence[FamilyOfNames], shown: int | None, literal: bool
) -> list[tuple[str, str]]:
    """Patterns with their new names, those first that come of most names.

    ``shown`` segments around a change are written out (None: all of them), the others captured.
    Numbers that vary are captured too, unless ``literal``.
    """
    groups: dict[object, list[tuple[Numbers, Numbers]]] = defaultdict(list)
    texts: dict[object, Written] = {}
    for kind in kinds:
        written = _written(kind, shown)
        for before, after in kind.members.values():
            old = tuple(before[place] for place in written.old_places)
            new = tuple(after[place] for place in written.new_places)
            key = (written.old, written.new, *((old, new) if literal else ()))
            groups[key].append((old, new))
            texts[key] = written
    ranked = sorted(groups, key=lambda key: -len(groups[key]))
    found = (_generalised(texts[key], groups[key]) for key in ranked)
    return [pattern for pattern in found if pattern is not None]


def _written(kind: FamilyOfNames, shown: int | None) -> Written:
    marks = iter(_FAR)
    old: list[str] = []
    new: list[str] = []
    old_places: list[int] = []
    new_places: list[int] = []
    old_at = new_at = 0
    for index, (before, after, stays) in enumerate(kind.runs):
        cut = _shown(before, shown, index, len(kind.runs)) if stays else range(len(before))
        mark = next(marks, "") if len(cut) < len(before) else ""
        for segments, text, places, at in (
            (before, old, old_places, old_at),
            (after, new, new_places, new_at),
        ):
            if stays and cut.start and mark:
                text.append(mark)
            for place, segment in enumerate(segments):
                amount = len(_NUMBER.findall(segment))
                if not stays or place in cut:
                    text.append(skeleton(segment))
                    places.extend(range(at, at + amount))
                at += amount  # noqa: PLW2901
            if stays and not cut.start and mark:
                text.append(mark)
        old_at += sum(len(_NUMBER.findall(segment)) for segment in before)
        new_at += sum(len(_NUMBER.findall(segment)) for segment in after)
    return Written(".".join(old), ".".join(new), tuple(old_places), tuple(new_places))


def _shown(run: tuple[str, ...], shown: int | None, index: int, runs: int) -> range:
    """Which segments of a run that stays are written out: those before a change; of the last
    run, those after it."""
    length = len(run)
    amount = length if shown is None else min(shown, length)
    is_last = index == runs - 1 and index > 0
    return range(amount) if is_last else range(length - amount, length)


def _generalised(
    written: Written, members: Sequence[tuple[Numbers, Numbers]]
) -> tuple[str, str] | None:
    """A number that varies is captured, and counted with where the new name needs another."""
    olds = list(zip(*(old for old, _ in members), strict=True))
    varying = [place for place, column in enumerate(olds) if len(set(column)) > 1]
    captured = dict(zip(varying, "ijklmnabcd", strict=False))
    told: dict[int, str] = {}
    for place, column in enumerate(zip(*(new for _, new in members), strict=True)):
        if len(set(column)) == 1:
            told[place] = str(column[0])
            continue
        counted = _counted(column, olds, captured)
        if counted is None:
            return None
        told[place] = counted
    pattern = _filled(
        written.old,
        {
            place: f"{{{captured[place]}:int}}" if place in captured else str(column[0])
            for place, column in enumerate(olds)
        },
    )
    target = _filled(written.new, told)
    for mark, name in zip(_FAR, "pqrstu", strict=True):
        pattern = pattern.replace(mark, f"{{{name}**}}")
        target = target.replace(mark, f"{{{name}}}")
    return pattern, target


def _counted(column: Numbers, olds: Sequence[Numbers], captured: Mapping[int, str]) -> str | None:
    """The numbers of a new name as a captured one, or one that is counted with."""
    found = []
    for place, name in captured.items():
        steps = {new - old for new, old in zip(column, olds[place], strict=True)}
        if len(steps) == 1:
            found.append((abs(step := steps.pop()), step, name))
    if not found:
        return None
    _, step, name = min(found)
    return f"{{{name}}}" if not step else f"{{{name} {'+' if step > 0 else '-'} {abs(step)}}}"


def _filled(text: str, numbers: Mapping[int, str]) -> str:
    """The text with its numbers put back."""
    pieces: Iterator[str] = iter(text.split("#"))
    found = [next(pieces)]
    for place, piece in enumerate(pieces):
        found += [numbers[place], piece]
    return "".join(found)
