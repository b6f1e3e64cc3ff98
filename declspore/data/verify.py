"""Every item of a dataset read once, and what is wrong with those that are damaged."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import takewhile
from typing import Any

import numpy as np

from declspore.check.datasets import Dataset
from declspore.dataclass import dataclass
from declspore.datafile import Damaged
from declspore.flows.steps import Step, all_steps, steps_of
from declspore.ir.term import Pipeline
from declspore.registry.data import (
    Element,
    ItemKind,
    MergeKind,
    OrderKind,
    Reader,
    SelectKind,
    SourceKind,
    Unavailable,
)
from declspore.registry.table import vocabulary

_AT_ONCE = 64
Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Verified:
    """How many items a source has, how many it left out since they are damaged, and what is wrong
    with others, with the place of each."""

    count: int
    left_out: int
    damaged: tuple[str, ...]


def verify(dataset: Dataset, progress: Progress | None = None) -> Verified:
    """Read every item and carry out the steps up to the first that changes items at random; of
    datasets that are merged each by itself.

    Raises :class:`declspore.registry.data.Unavailable` where the source cannot be opened.
    """
    return _verified(dataset.pipeline, progress)


def _verified(pipeline: Pipeline, progress: Progress | None) -> Verified:
    source = pipeline.source
    kind = vocabulary().of(SourceKind, source.word)
    if isinstance(kind, MergeKind):
        parts = [_verified(part, progress) for part in kind.parts(source.arguments)]
        damaged = tuple(problem for part in parts for problem in part.damaged)
        count = sum(part.count for part in parts)
        return Verified(count, sum(part.left_out for part in parts), damaged)
    reader, count = kind.open(source.arguments), kind.size(source.arguments)
    element = kind.element(source.arguments)
    steps = list(_fixed(steps_of(all_steps(pipeline), element)))
    classes = len(kind.classes(source.arguments)) or element.classes

    def problems(first: int) -> list[str]:
        numbers = range(first, min(first + _AT_ONCE, count))
        found = (_problem(reader, element, steps, classes, number) for number in numbers)
        return [problem for problem in found if problem is not None]

    damaged_items: list[str] = []
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        for done, found in enumerate(pool.map(problems, range(0, count, _AT_ONCE)), start=1):
            damaged_items += found
            if progress is not None:
                progress(min(done * _AT_ONCE, count), count)
    return Verified(count, kind.damaged(source.arguments), tuple(damaged_items))


def _fixed(steps: Sequence[Step]) -> Iterator[Step]:
    """The first steps that change items, none of them at random; what orders or leaves out items
    is passed by."""
    changing = (step for step in steps if not isinstance(step.kind, OrderKind | SelectKind))
    return takewhile(lambda s: isinstance(s.kind, ItemKind) and not s.draws, changing)


def _problem(
    reader: Reader, element: Element, steps: Sequence[Step], classes: int | None, number: int
) -> str | None:
    try:
        columns = reader.rows(np.asarray([number]))
        value: Any = columns[0][0]
        for step in steps:
            assert isinstance(step.kind, ItemKind)
            value = step.kind.compute(step.arguments, step.before.data, value, ())
    except Unavailable as error:
        return str(error)
    except Damaged as error:
        return f"{reader.place(number)}: {error}"
    if classes is not None and len(element.labels) == 1:
        label = columns[-1][0]
        if np.ndim(label) == 0 and not 0 <= label < classes:
            return f"{reader.place(number)}: expected a label below {classes}, found {label}"
    return None
