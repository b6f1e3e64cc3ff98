"""Pipelines with their sources at hand: a source of items by number, or several merged."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cached_property
from typing import TypeVar

from declspore.dataclass import dataclass
from declspore.flows.steps import Step
from declspore.ir.tensors import Item, Numbers, Tensor
from declspore.ir.term import Term
from declspore.registry.data import (
    BucketKind,
    Element,
    GroupKind,
    MergeKind,
    Reader,
    SourceKind,
)
from declspore.registry.kind import Misfit
from declspore.registry.table import vocabulary
from declspore.spelling import repeated

Several = TypeVar("Several", bound=Tensor)
"""The numbers of items: an array, or a tensor."""


@dataclass(frozen=True)
class Opened:
    """A source that gives ``element``, or the ``parts`` it merges, and the steps after.

    An item of a source is known by a number. One of several sources side by side is known by the
    numbers of each; one of sources that follow each other by the place of its source and then the
    numbers there, filled up with zeros: ``width`` integers.
    """

    source: Term
    element: Element
    parts: tuple[Opened, ...] = ()
    steps: tuple[Step, ...] = ()
    given: Reader | None = None

    @property
    def after(self) -> Element:
        """What comes after the last step."""
        return self.steps[-1].after if self.steps else self.element

    @property
    def samples(self) -> int | None:
        """How many samples an epoch has, whatever batches they are in."""
        groups = (s.before for s in self.steps if isinstance(s.kind, GroupKind | BucketKind))
        return next(groups, self.after).count

    @property
    def side_by_side(self) -> bool:
        """Whether the parts lie side by side."""
        kind = vocabulary().of(SourceKind, self.source.word)
        return isinstance(kind, MergeKind) and kind.side_by_side

    @cached_property
    def reader(self) -> Reader:
        """The items of the source. Raises Unavailable."""
        if self.given is not None:
            return self.given
        return vocabulary().of(SourceKind, self.source.word).open(self.source.arguments)

    @cached_property
    def width(self) -> int:
        """How many integers an item is known by."""
        widths = [part.width for part in self.parts]
        if not widths:
            return 1
        return sum(widths) if self.side_by_side else 1 + max(widths)

    @cached_property
    def drawing(self) -> int:
        """How many steps draw random numbers for an item, those of parts among them."""
        return self.before_steps + sum(step.draws > 0 for step in self.steps)

    @cached_property
    def before_steps(self) -> int:
        """How many of them belong to parts."""
        counts = [part.drawing for part in self.parts]
        return sum(counts) if self.side_by_side else max(counts, default=0)

    def until(self, place: int) -> Opened:
        """The pipeline without the steps from a place on."""
        return replace(self, steps=self.steps[:place])

    def spread(self, numbers: Several) -> Iterator[tuple[Opened, Several]]:
        """The parts that lie side by side, each with what of [..., width] its item is known by."""
        start = 0
        for part in self.parts:
            yield part, _numbers(part, numbers[..., start : start + part.width])
            start += part.width

    def within(self, place: int, numbers: Several) -> tuple[Opened, Several]:
        """The part at a place, and what of [..., width] its item is known by."""
        part = self.parts[place]
        return part, _numbers(part, numbers[..., 1 : 1 + part.width])

    def place(self, numbers: Item) -> str:
        """Where an item comes from, for messages."""
        if not self.parts:
            return self.reader.place(int(numbers))
        import numpy as np

        several: Numbers = np.asarray(numbers)
        if not self.side_by_side:
            part, one = self.within(int(several[0]), several)
            return part.place(one)
        return " and ".join(part.place(own) for part, own in self.spread(several))

    def __str__(self) -> str:
        return " |> ".join([str(self.source), *map(str, self.steps)])


def _numbers(part: Opened, numbers: Several) -> Several:
    return numbers if part.parts else numbers[..., 0]


def merged(elements: Sequence[Element], side_by_side: bool) -> Element:
    """What comes of datasets that are merged. Raises Misfit."""
    if not elements:
        raise Misfit("the list of datasets is empty")
    if any(element.batched for element in elements):
        raise Misfit("it takes single samples", "put `batch` after it")
    first, *others = elements
    counts = [element.count for element in elements if element.count is not None]
    known = len(counts) == len(elements)
    shared = replace(
        first,
        shuffled=any(element.shuffled for element in elements),
        varies=any(element.varies for element in elements),
        late=tuple(mark for element in elements for mark in element.late),
    )
    if side_by_side:
        names = [column.name for element in elements for column in element.columns]
        if (twice := repeated(names)) is not None:
            raise Misfit(
                f"two of the datasets have a column {twice}",
                f'rename(["{twice}"], ["other"]) |> before it, for one of them',
            )
        return replace(
            shared,
            inputs=tuple(column for element in elements for column in element.inputs),
            labels=tuple(column for element in elements for column in element.labels),
            count=min(counts) if known else None,
            classes=first.classes if not any(element.labels for element in others) else None,
            # the shorter ones leave out items of a longer one that is shuffled
            varies=shared.varies or (shared.shuffled and (not known or len(set(counts)) > 1)),
        )
    for other in others:
        _check_alike(first, other)
    classes = {element.classes for element in elements}
    return replace(
        shared,
        count=sum(counts) if known else None,
        classes=first.classes if len(classes) == 1 else None,
    )


def _check_alike(first: Element, other: Element) -> None:
    shown = [", ".join(map(str, element.columns)) for element in (first, other)]
    alike = [c.name for c in first.inputs] == [c.name for c in other.inputs] and [
        c.name for c in first.labels
    ] == [c.name for c in other.labels]
    if not alike:
        raise Misfit(
            f"the datasets have different columns: {shown[0]}; {shown[1]}",
            "rename or project, before it",
        )
    for one, another in zip(first.columns, other.columns, strict=True):
        sizes = [
            tuple(dim if isinstance(dim, int) else None for dim in column.type.shape)
            for column in (one, another)
        ]
        if one.type.dtype is not another.type.dtype or sizes[0] != sizes[1]:
            raise Misfit(
                f"the column {one.name} is {one.type} in one dataset and {another.type} in another",
                "Resize, TypeCast or map, before it",
            )
