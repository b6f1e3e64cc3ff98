"""Every item of a dataset read once, and what is wrong with those that are damaged."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import takewhile

import numpy as np

from declspore.check.datasets import Dataset, Labels, not_a_class
from declspore.dataclass import dataclass
from declspore.datafile import Damaged
from declspore.flows.flow import Items
from declspore.flows.order import flow, opened
from declspore.flows.steps import Step, all_steps, steps_of
from declspore.flows.values import changed
from declspore.ir.tensors import Numbers
from declspore.ir.term import Pipeline
from declspore.registry.data import (
    ChangeKind,
    Element,
    GroupKind,
    ItemKind,
    MergeKind,
    OrderKind,
    PlaceKind,
    Reader,
    RowKind,
    SelectKind,
    SourceKind,
    StoreKind,
    TransformKind,
    Unavailable,
    Values,
)
from declspore.registry.table import vocabulary

_AT_ONCE = 64
_LABELS_AT_ONCE = 1024
Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Verified:
    """How many items were read, how many it left out since they are damaged, and what is wrong
    with others, with the place of each."""

    count: int
    left_out: int
    damaged: tuple[str, ...]


def labels_out_of_range(labels: Labels) -> Iterator[str]:
    """The items, with their places, whose label is the number of no class; nothing of datasets
    that are merged, or whose steps make the labels."""
    pipeline, classes = labels.dataset.pipeline, labels.classes
    source = pipeline.source
    kind = vocabulary().of(SourceKind, source.word)
    if isinstance(kind, MergeKind):
        return
    steps = steps_of(all_steps(pipeline), kind.element(source.arguments))
    if not all(_leaves_labels(step.kind) for step in steps):
        return
    reader = kind.open(source.arguments)
    kept = _kept(pipeline, steps, kind.size(source.arguments))
    for first in range(0, len(kept), _LABELS_AT_ONCE):
        numbers = kept[first : first + _LABELS_AT_ONCE]
        for number, label in zip(numbers, reader.rows(numbers)[-1].tolist(), strict=True):
            if not 0 <= label < classes and label not in labels.ignored:
                yield not_a_class(reader.place(int(number)), classes, label)


def _leaves_labels(kind: TransformKind) -> bool:
    """Whether labels are after a step what they were, in batches or not."""
    return isinstance(kind, OrderKind | GroupKind | StoreKind) or kind.changes == "data"


def verify(dataset: Dataset, progress: Progress | None = None) -> Verified:
    """Read every item that comes in an epoch and carry out the steps up to the first that changes
    items at random; of datasets that are merged each by itself.

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
    reader = kind.open(source.arguments)
    element = kind.element(source.arguments)
    steps = steps_of(all_steps(pipeline), element)
    changing = list(_fixed(steps))
    classes = len(kind.classes(source.arguments)) or element.classes
    numbers = _kept(pipeline, steps, kind.size(source.arguments))

    def problems(first: int) -> list[str]:
        some = numbers[first : first + _AT_ONCE].tolist()
        found = (_problem(reader, element, changing, classes, number) for number in some)
        return [problem for problem in found if problem is not None]

    damaged_items: list[str] = []
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        firsts = range(0, len(numbers), _AT_ONCE)
        for done, found in enumerate(pool.map(problems, firsts), start=1):
            damaged_items += found
            if progress is not None:
                progress(min(done * _AT_ONCE, len(numbers)), len(numbers))
    return Verified(len(numbers), kind.damaged(source.arguments), tuple(damaged_items))


def _kept(pipeline: Pipeline, steps: Sequence[Step], count: int) -> Numbers:
    """The items of the source that come in every epoch: not those that ``part``, ``take`` and
    others like them leave out."""
    terms = all_steps(pipeline)
    fixed = len(list(takewhile(_is_lasting, steps)))
    if not any(isinstance(step.kind, OrderKind) for step in steps[:fixed]):
        return np.arange(count)
    first = flow(opened(pipeline, terms[:fixed]), 0)(0)
    assert isinstance(first, Items)
    return np.unique(first.numbers)


def _is_lasting(step: Step) -> bool:
    """Whether a step leaves out the same items in every epoch, and looks at none."""
    if isinstance(step.kind, OrderKind):
        return step.kind.lasting or not step.kind.random
    return isinstance(step.kind, ItemKind | ChangeKind | RowKind | PlaceKind)


def _fixed(steps: Sequence[Step]) -> Iterator[Step]:
    """The first steps that change items, none of them at random; what orders or leaves out items
    is passed by."""
    changing = (step for step in steps if not isinstance(step.kind, OrderKind | SelectKind))
    return takewhile(_is_computed, changing)


def _is_computed(step: Step) -> bool:
    return isinstance(step.kind, ItemKind | RowKind | PlaceKind) and not step.draws


def _problem(
    reader: Reader, element: Element, steps: Sequence[Step], classes: int | None, number: int
) -> str | None:
    try:
        columns = reader.rows(np.asarray([number]))
        values: Values = tuple(column[0] for column in columns)
        for step in steps:
            values = changed(step, values, frozenset(each.name for each in step.after.columns))
    except Unavailable as error:
        return str(error)
    except Damaged as error:
        return f"{reader.place(number)}: {error}"
    if classes is not None and len(element.labels) == 1:
        label = columns[-1][0]
        if np.ndim(label) == 0 and not 0 <= label < classes:
            return not_a_class(reader.place(number), classes, label)
    return None
