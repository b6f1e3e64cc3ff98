"""What differs between two checkpoints, value by value, a buffer at a time."""

from __future__ import annotations

import hashlib
import math
from bisect import bisect_left
from collections import defaultdict

from declspore.checkpoint.reader import Checkpoint, Entry
from declspore.checkpoint.stats import elements, has_numbers
from declspore.dataclass import dataclass
from declspore.ir.header import HeaderEntry
from declspore.ir.tensors import Array


@dataclass(frozen=True, slots=True)
class Change:
    """An entry both files have, of another type or with another value.

    ``largest`` is the largest absolute difference of elements, ``relative`` the 2-norm of the
    difference over that of the first value (NaN equals NaN); both None where types differ or
    values are not numbers.
    """

    before: HeaderEntry
    after: HeaderEntry
    largest: float | None = None
    relative: float | None = None


@dataclass(frozen=True, slots=True)
class Difference:
    """``renamed`` are pairs of names in one file only whose type and bytes are the same."""

    removed: tuple[HeaderEntry, ...]
    added: tuple[HeaderEntry, ...]
    renamed: tuple[tuple[HeaderEntry, HeaderEntry], ...]
    changed: tuple[Change, ...]
    equal: int

    @property
    def is_empty(self) -> bool:
        return not (self.removed or self.added or self.renamed or self.changed)


def compare(before: Checkpoint, after: Checkpoint) -> Difference:
    """What leads from one checkpoint to the other; the order of entries does not count."""
    removed = [entry for entry in before if entry.name not in after.by_name]
    added = [entry for entry in after if entry.name not in before.by_name]
    renamed = _renamed(removed, added)
    gone = {old.name for old, _ in renamed}
    come = {new.name for _, new in renamed}
    shared = [(entry, after.by_name[entry.name]) for entry in before if entry.name in after.by_name]
    changed = [change for pair in shared if (change := _change(*pair)) is not None]
    return Difference(
        tuple(entry.header for entry in removed if entry.name not in gone),
        tuple(entry.header for entry in added if entry.name not in come),
        tuple((old.header, new.header) for old, new in renamed),
        tuple(changed),
        len(shared) - len(changed),
    )


def _renamed(removed: list[Entry], added: list[Entry]) -> list[tuple[Entry, Entry]]:
    """Pairs with the same type and bytes. Of several with the same bytes (fresh optimizer slots
    are all zeros) those whose names end most alike are paired; only candidates are read."""
    types = {_type(entry) for entry in removed} & {_type(entry) for entry in added}
    homeless: dict[tuple[object, ...], list[Entry]] = defaultdict(list)
    for entry in sorted(added, key=_backwards):
        if _type(entry) in types:
            homeless[_content(entry)].append(entry)
    pairs = []
    for entry in removed:
        candidates = homeless.get(_content(entry), []) if _type(entry) in types else []
        if candidates:
            pairs.append((entry, candidates.pop(_most_alike(entry, candidates))))
    return pairs


def _most_alike(entry: Entry, candidates: list[Entry]) -> int:
    """Which of the candidates, sorted by their names read backwards, ends most like an entry: one
    of the two it would be between."""
    behind = bisect_left(candidates, _backwards(entry), key=_backwards)
    return max(
        range(max(behind - 1, 0), min(behind + 1, len(candidates))),
        key=lambda index: _alike(entry.name, candidates[index].name),
    )


def _backwards(entry: Entry) -> str:
    return entry.name[::-1]


def _type(entry: Entry) -> tuple[str, tuple[int, ...], int]:
    return entry.header.dtype.name, entry.header.shape, entry.header.nbytes


def _content(entry: Entry) -> tuple[object, ...]:
    digest = hashlib.blake2b(digest_size=16)
    for piece in entry.pieces():
        digest.update(piece)
    return (*_type(entry), digest.digest())


def _alike(one: str, other: str) -> int:
    """How many characters the ends of two names share."""
    shared = 0
    for left, right in zip(reversed(one), reversed(other), strict=False):
        if left != right:
            break
        shared += 1
    return shared


def _change(one: Entry, other: Entry) -> Change | None:
    if _type(one) != _type(other):
        return Change(one.header, other.header)
    if all(a == b for a, b in zip(one.pieces(), other.pieces(), strict=True)):
        return None
    if not has_numbers(one):
        return Change(one.header, other.header)
    return Change(one.header, other.header, *_norms(one, other))


def _norms(one: Entry, other: Entry) -> tuple[float, float]:
    import numpy as np

    largest = squares = reference = 0.0
    for a, b in zip(elements(one), elements(other), strict=True):
        with np.errstate(invalid="ignore", over="ignore"):
            distance = _distances(a, b)
            largest = _larger(largest, float(distance.max(initial=0.0)))
            squares += float(np.square(distance).sum())
            reference += float(np.nansum(np.square(np.abs(_wide(a)))))
    if squares == 0.0:
        return largest, 0.0
    return largest, math.sqrt(squares / reference) if reference else math.inf


def _distances(a: Array, b: Array) -> Array:
    """Of each two elements, as float64; NaN is at no distance from NaN."""
    import numpy as np

    if a.dtype.kind in "iu":  # exact: float64 takes large ones that are near for equal
        larger, smaller = np.maximum(a, b), np.minimum(a, b)
        return (larger.astype(np.uint64) - smaller.astype(np.uint64)).astype(np.float64)
    first, second = _wide(a), _wide(b)
    distance: Array = np.abs(second - first)
    distance[(first == second) | (np.isnan(first) & np.isnan(second))] = 0.0
    return distance


def _wide(values: Array) -> Array:
    import numpy as np

    return values.astype(np.complex128 if values.dtype.kind == "c" else np.float64)


def _larger(one: float, other: float) -> float:
    """The larger, where NaN is larger than all."""
    return other if math.isnan(other) or other > one else one
