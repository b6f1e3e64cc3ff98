"""What items hold, in NumPy: for steps that look at all of them before the first epoch."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TypeAlias

import numpy as np

from declspore.datafile import Damaged
from declspore.flows.opened import Opened
from declspore.flows.steps import Step
from declspore.ir.tensors import Item, Numbers
from declspore.registry.data import (
    ItemKind,
    PlaceKind,
    RowKind,
    Unavailable,
    Values,
)

Names: TypeAlias = frozenset[str]
_AT_ONCE = 64


def items(opened: Opened, numbers: Numbers, wanted: Names) -> Iterator[Values]:
    """The columns of items after all steps; those that are not ``wanted`` may hold anything.

    Raises Unavailable where an item cannot be read or changed.
    """
    needed = [wanted]
    for step in reversed(opened.steps):
        needed.append(_before(step, needed[-1]))
    needed.reverse()
    for number, found in zip(numbers, _read(opened, numbers, needed[0]), strict=True):
        values = found
        try:
            for step, after in zip(opened.steps, needed[1:], strict=True):
                values = changed(step, values, after)
        except Damaged as error:
            raise Unavailable(f"{opened.place(number)}: {error}") from None
        yield values


def _read(opened: Opened, numbers: Numbers, wanted: Names) -> Iterator[Values]:
    if not opened.parts:
        yield from zip(*opened.reader.rows(numbers), strict=True)
        return
    if opened.side_by_side:
        several = [
            [_apart(part, values) for values in items(part, own, wanted)]
            for part, own in opened.spread(numbers)
        ]
        for row in zip(*several, strict=True):
            yield tuple(value for side in (0, 1) for part in row for value in part[side])
        return
    found: dict[int, Values] = {}
    for place in range(len(opened.parts)):
        rows = np.flatnonzero(numbers[:, 0] == place)
        part, own = opened.within(place, numbers[rows])
        found |= zip(rows.tolist(), items(part, own, wanted), strict=True)
    yield from (found[row] for row in range(len(numbers)))


def _apart(part: Opened, values: Values) -> tuple[Values, Values]:
    """Data and labels."""
    inputs = len(part.after.inputs)
    return values[:inputs], values[inputs:]


def _before(step: Step, wanted: Names) -> Names:
    """The columns before a step that those wanted after it are made of."""
    if isinstance(step.kind, RowKind):
        return step.kind.uses(step.arguments, step.before, wanted)
    if isinstance(step.kind, PlaceKind):
        places = step.kind.places(step.arguments, step.before)
        pairs = zip(step.after.columns, places, strict=True)
        return frozenset(
            step.before.columns[place].name for column, place in pairs if column.name in wanted
        )
    return wanted


def changed(step: Step, values: Values, wanted: Names) -> Values:
    """The columns of an item after a step, in which those that are not wanted may hold anything; of
    a step that only a run can carry out as they were. Raises Damaged."""
    kind = step.kind
    if step.columns:
        found = list(values)
        for place, alone in step.alone:
            if step.before.columns[place].name in wanted:
                (found[place],) = changed(alone, (values[place],), wanted)
        return tuple(found)
    if isinstance(kind, ItemKind) and step.before.inputs[0].name in wanted:
        return kind.compute(step.arguments, step.before.data, values[0], ()), *values[1:]
    if isinstance(kind, RowKind):
        return kind.compute(step.arguments, step.before, values, wanted)
    if isinstance(kind, PlaceKind):
        return tuple(values[place] for place in kind.places(step.arguments, step.before))
    return values


class Measured:
    """A number for every item, found when it is first asked for."""

    def __init__(self, opened: Opened, wanted: Names, function: Callable[[Values], int]) -> None:
        self._opened, self._wanted, self._function = opened, wanted, function
        self._known: dict[object, int] = {}

    def of(self, numbers: Numbers) -> Numbers:
        """The numbers of items. Raises Unavailable where one cannot be read."""
        keys = list(map(tuple, numbers.tolist())) if numbers.ndim > 1 else numbers.tolist()
        missing = dict.fromkeys(key for key in keys if key not in self._known)
        if missing:
            unknown = np.asarray(list(missing), np.int64)
            parts = [unknown[i : i + _AT_ONCE] for i in range(0, len(unknown), _AT_ONCE)]
            with ThreadPoolExecutor(os.cpu_count()) as pool:
                found = [value for part in pool.map(self._part, parts) for value in part]
            self._known.update(zip(missing, found, strict=True))
        return np.asarray([self._known[key] for key in keys], np.int64)

    def _part(self, numbers: Numbers) -> list[int]:
        rows = zip(numbers, items(self._opened, numbers, self._wanted), strict=True)
        return [self._value(number, values) for number, values in rows]

    def _value(self, number: Item, values: Values) -> int:
        try:
            return self._function(values)
        except Damaged as error:
            raise Unavailable(f"{self._opened.place(number)}: {error}") from None
