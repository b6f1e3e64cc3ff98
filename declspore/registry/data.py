"""Sources of samples and the transforms they flow through.

The rooms never import TensorFlow: they are handed the module when a pipeline is built.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar, TypeVar

from declspore.ir.shape import TensorType
from declspore.ir.term import Arguments
from declspore.registry.kind import Kind, Misfit

T = TypeVar("T")


class Unavailable(Exception):
    """A source cannot be read: the message says why, ``helps`` what to do."""

    def __init__(self, message: str, help: str | None = None) -> None:
        super().__init__(message)
        self.helps = (help,) if help else ()


@dataclass(frozen=True, kw_only=True)
class ColumnKind(Kind):
    """A word for a column of a source that does not know its columns itself."""

    family: ClassVar[str] = "column"
    title: ClassVar[str] = "Columns of datasets"
    room: ClassVar[str] = "sources"
    rank: ClassVar[int] = 130


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a dataset: its name and the type of one item's part in it."""

    name: str
    type: TensorType

    def __str__(self) -> str:
        return f"{self.name}: {self.type}"


@dataclass(frozen=True, slots=True)
class Element:
    """What one item of a dataset is: columns of data, which enter a network, and of labels.

    It flows as (data, labels), each of them a tensor where there is one column, else a tuple.
    ``count`` is the number of items where it is known; ``batched`` whether items are batches,
    so that the first axis of all types counts samples; ``classes`` how many classes labels that
    are class numbers come from, where that is known.
    """

    inputs: tuple[Column, ...]
    labels: tuple[Column, ...]
    count: int | None = None
    batched: bool = False
    classes: int | None = None

    @classmethod
    def pair(cls, data: TensorType, label: TensorType, classes: int | None = None) -> Element:
        """MindSpore's columns ``image`` and ``label``."""
        return cls((Column("image", data),), (Column("label", label),), classes=classes)

    @property
    def data(self) -> TensorType:
        """The type of the only column of data. Raises Misfit where there are several."""
        return _only(self.inputs, "data").type

    @property
    def label(self) -> TensorType:
        """The type of the only label. Raises Misfit where there are several, or none."""
        return _only(self.labels, "labels").type

    def with_data(self, data: TensorType) -> Element:
        return replace(self, inputs=(replace(_only(self.inputs, "data"), type=data),))

    def with_label(self, label: TensorType) -> Element:
        return replace(self, labels=(replace(_only(self.labels, "labels"), type=label),))

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


def packed(parts: Sequence[T]) -> T | tuple[T, ...]:
    """The parts of columns as they flow: the only one itself, else a tuple."""
    return parts[0] if len(parts) == 1 else tuple(parts)


def _none(arguments: Arguments) -> tuple[str, ...]:
    return ()


@dataclass(frozen=True, kw_only=True)
class SourceKind(Kind):
    """Where samples come from.

    ``element(arguments)`` tells the types without reading anything; ``size(arguments)`` the
    number of samples from headers or listings alone; ``open(tf, arguments)`` gives a
    ``tf.data.Dataset`` of (data, labels). Both raise :class:`Unavailable`. ``files(arguments)``
    are the files the samples are read from, for their digests.
    """

    family: ClassVar[str] = "source"
    title: ClassVar[str] = "Dataset sources"
    room: ClassVar[str] = "sources"
    rank: ClassVar[int] = 120

    element: Callable[[Arguments], Element]
    size: Callable[[Arguments], int]
    open: Callable[[Any, Arguments], Any]
    files: Callable[[Arguments], tuple[str, ...]] = _none


@dataclass(frozen=True, kw_only=True)
class TransformKind(Kind):
    """A step of a pipeline.

    ``infer(arguments, element)`` gives the element after it, or raises
    :class:`declspore.registry.kind.Misfit`; ``apply(tf, arguments, dataset, element)`` the
    dataset after it, given the element before.
    """

    family: ClassVar[str] = "transform"
    title: ClassVar[str] = "Dataset transforms"
    room: ClassVar[str] = "transforms"
    rank: ClassVar[int] = 140

    infer: Callable[[Arguments, Element], Element]
    apply: Callable[[Any, Arguments, Any, Element], Any]
