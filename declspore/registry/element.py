"""What flows through a pipeline: items of columns with names and types."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import ClassVar, TypeVar

from declspore.dataclass import dataclass
from declspore.ir.shape import TensorType
from declspore.registry.kind import Kind, Misfit
from declspore.spelling import closest, repeated

T = TypeVar("T")


@dataclass(frozen=True, kw_only=True)
class ColumnKind(Kind):
    """A word for a column of a source that does not know its columns itself."""

    family: ClassVar[str] = "column"
    title: ClassVar[str] = "Columns of datasets"
    room: ClassVar[str] = "sources"
    rank: ClassVar[int] = 130


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a dataset: its name and the type of one item's part in it.

    ``classes`` are the strings that a file has for the numbers 0, 1, ... of the column; none where
    it has numbers itself.
    """

    name: str
    type: TensorType
    classes: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"{self.name}: {self.type}"


@dataclass(frozen=True, slots=True)
class Element:
    """What one item of a dataset is: columns of data, which enter a network, and of labels.

    It flows as (data, labels), each of them a tensor where there is one column, else a tuple.
    ``count`` is the number of items where it is known; ``batched`` whether items are batches,
    so that the first axis of all types counts samples; ``classes`` how many classes labels that
    are class numbers come from, where that is known; ``shuffled`` whether items come in another
    order each epoch, ``varies`` whether they are others each epoch. ``late`` are columns whose
    values are known only in a run, each with the step that makes them so.
    """

    inputs: tuple[Column, ...]
    labels: tuple[Column, ...] = ()
    count: int | None = None
    batched: bool = False
    classes: int | None = None
    shuffled: bool = False
    varies: bool = False
    late: tuple[tuple[str, str], ...] = ()

    @classmethod
    def pair(cls, data: TensorType, label: TensorType, classes: int | None = None) -> Element:
        """MindSpore's columns ``image`` and ``label``."""
        return cls((Column("image", data),), (Column("label", label),), classes=classes)

    @property
    def columns(self) -> tuple[Column, ...]:
        """All columns, data before labels."""
        return (*self.inputs, *self.labels)

    @property
    def data(self) -> TensorType:
        """The type of the only column of data. Raises Misfit where there are several."""
        return _only(self.inputs, "data").type

    @property
    def label(self) -> TensorType:
        """The type of the only label. Raises Misfit where there are several, or none."""
        return _only(self.labels, "labels").type

    def check_known(self, names: Sequence[str]) -> None:
        """Raises Misfit where a column is not there."""
        known = [column.name for column in self.columns]
        for name in names:
            if name not in known:
                near = closest(name, known)
                raise Misfit(
                    f"the dataset does not have the column {name!r}; there are {', '.join(known)}",
                    f'did you mean "{near[0]}"?' if near else None,
                )

    def projected(self, data: Sequence[str], labels: Sequence[str]) -> Element:
        """The element with these columns alone, which are there. Raises Misfit."""
        every = (*data, *labels)
        if (twice := repeated(every)) is not None:
            raise Misfit(f"the column {twice!r} is chosen twice")
        if not data:
            raise Misfit("it leaves no column of data")
        by_name = {column.name: column for column in self.columns}
        kept = [tuple(by_name[name] for name in names) for names in (data, labels)]
        late = tuple((name, word) for name, word in self.late if name in every)
        classes = self.classes if kept[1] == self.labels else None
        return replace(self, inputs=kept[0], labels=kept[1], late=late, classes=classes)

    def alone(self, place: int, *, as_label: bool) -> Element:
        """The element that has one of the columns alone, as data or as a label."""
        column = (self.columns[place],)
        classes = self.classes if self.labels == column else None
        inputs, labels = ((), column) if as_label else (column, ())
        return replace(self, inputs=inputs, labels=labels, classes=classes)

    def with_types(self, types: Mapping[int, TensorType]) -> Element:
        """The element with other types for the columns at some places."""
        columns = [
            replace(column, type=types.get(place, column.type))
            for place, column in enumerate(self.columns)
        ]
        many = len(self.inputs)
        return replace(self, inputs=tuple(columns[:many]), labels=tuple(columns[many:]))

    def with_data(self, data: TensorType) -> Element:
        return replace(self, inputs=(replace(_only(self.inputs, "data"), type=data),))

    def with_label(self, label: TensorType) -> Element:
        return replace(self, labels=(replace(_only(self.labels, "labels"), type=label),))

    def marked(self, names: Sequence[str], word: str) -> Element:
        """The element with columns whose values are known only in a run, made so by a step."""
        return replace(self, late=(*self.late, *((name, word) for name in names)))

    def needs(self, word: str, names: Sequence[str]) -> None:
        """Raises Misfit where a step that looks at columns before the run cannot see one."""
        for name, other in self.late:
            if name in names:
                raise Misfit(
                    f"it needs the values of {name} before the run, and {other} changes them in it",
                    f"put {word} before {other}",
                )

    def each(self, change: Callable[[TensorType], TensorType]) -> Element:
        """The element with the type of every column changed."""
        inputs, labels = (
            tuple(replace(column, type=change(column.type)) for column in columns)
            for columns in (self.inputs, self.labels)
        )
        return replace(self, inputs=inputs, labels=labels)


def _only(columns: tuple[Column, ...], what: str) -> Column:
    if len(columns) != 1:
        names = ", ".join(column.name for column in columns) or "none"
        raise Misfit(f"it takes one column of {what}, the dataset has {names}")
    return columns[0]
