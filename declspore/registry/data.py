"""Sources of samples and the transforms they flow through.

A source gives its items by number. What an epoch consists of is a pure function of the seed and
the number of the epoch: a :class:`Flow` of the numbers of items, which steps that order them
compute without reading any. Steps that change items by chance draw from (seed, epoch, item, their
place), so that an item comes out the same wherever and whenever it is computed.

The rooms never import TensorFlow: they are handed the module when a pipeline is built.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Container, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, Never, Protocol, Self, TypeAlias, TypeVar

from declspore.dataclass import dataclass
from declspore.ir.shape import TensorType
from declspore.ir.tensors import Array, Draws, Numbers, Ops, Tensor
from declspore.ir.term import Arguments, Pipeline, Term
from declspore.registry.element import Column as Column  # noqa: PLC0414 - a public place
from declspore.registry.element import ColumnKind as ColumnKind  # noqa: PLC0414 - a public place
from declspore.registry.element import Element as Element  # noqa: PLC0414 - a public place
from declspore.registry.kind import Kind
from declspore.registry.signature import Argument, Signature
from declspore.registry.types import ListOf, Optional, Text

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

T = TypeVar("T")


INPUT_COLUMNS = Argument(
    "input_columns",
    Optional(ListOf(Text())),
    None,
    "the columns it changes, all alike; none: the only one there is",
)


class Unavailable(Exception):
    """A source cannot be read: the message says why, ``helps`` what to do. ``term`` is the step of
    a pipeline that cannot, where it is not the source."""

    def __init__(self, message: str, help: str | None = None) -> None:
        super().__init__(message)
        self.helps = (help,) if help else ()
        self.term: Term | None = None


def packed(parts: Sequence[T]) -> T | tuple[T, ...]:
    """The parts of columns as they flow: the only one itself, else a tuple."""
    return parts[0] if len(parts) == 1 else tuple(parts)


def _nothing(arguments: Arguments) -> tuple[Never, ...]:
    return ()


def _zero(arguments: Arguments) -> int:
    return 0


def _is_ready(arguments: Arguments) -> None:
    return None


def _none(arguments: Arguments, element: Element) -> Padding | None:
    return None


class Reader(Protocol):
    """The items of a source by number, opened."""

    def rows(self, items: Numbers) -> tuple[Array, ...]:
        """Of every column, data before labels, these items along the first axis; texts and bytes,
        and arrays whose sizes differ, as arrays of objects.

        May be called in several threads at once. Raises :class:`Unavailable` where an item cannot
        be read.
        """

    def place(self, item: int) -> str:
        """Where an item comes from, for messages: its file, its row, its class."""


@dataclass(frozen=True)
class Arrays:
    """Items that are rows of arrays, one array a column; a memory-mapped one is read row by row.
    ``path`` is where they lie, if in files."""

    columns: tuple[Array, ...]
    path: str = ""

    def rows(self, items: Numbers) -> tuple[Array, ...]:
        return tuple(column[items] for column in self.columns)

    def place(self, item: int) -> str:
        return f"{self.path}, item {item}" if self.path else f"item {item}"


@dataclass(frozen=True, kw_only=True)
class SourceKind(Kind):
    """Where samples come from.

    ``element(arguments)`` gives the types without reading anything; ``size(arguments)`` the
    number of samples from headers or listings alone; ``open(arguments)`` gives the
    :class:`Reader`. ``files(arguments)`` are the files the samples are read from, for their
    digests; ``classes(arguments)`` the names of classes in the order of their numbers, nothing
    where the source does not name them; ``damaged(arguments)`` how many items were left out since
    they are damaged. All but the first raise :class:`Unavailable`. ``first(arguments)`` are steps
    that belong to the source. ``names(arguments)`` are the files of its items, in order; None where
    an item does not have a file of its own.
    """

    family: ClassVar[str] = "source"
    title: ClassVar[str] = "Dataset sources"
    room: ClassVar[str] = "sources"
    rank: ClassVar[int] = 120

    element: Callable[[Arguments], Element]
    size: Callable[[Arguments], int]
    open: Callable[[Arguments], Reader]
    files: Callable[[Arguments], tuple[str, ...]] = _nothing
    classes: Callable[[Arguments], tuple[str, ...]] = _nothing
    damaged: Callable[[Arguments], int] = _zero
    first: Callable[[Arguments], tuple[Term, ...]] = _nothing
    names: Callable[[Arguments], tuple[str, ...]] | None = None


@dataclass(frozen=True, kw_only=True)
class MergeKind(SourceKind):
    """A source made of other datasets, ``parts(arguments)``: their items one after the other;
    where ``side_by_side``, their columns next to each other. It has no reader of its own."""

    parts: Callable[[Arguments], tuple[Pipeline, ...]]
    side_by_side: bool


@dataclass(frozen=True, kw_only=True)
class TransformKind(Kind):
    """A step of a pipeline: one of the kinds below.

    ``infer(arguments, element)`` gives the element after it, or raises
    :class:`declspore.registry.kind.Misfit`. ``draws(arguments)`` is how many random numbers a step
    needs for each item it changes: float32 from 0 to below 1. With ``over_columns`` its arguments
    may be expressions over the columns of an item, formulas (:mod:`declspore.ir.formula`); with
    ``named``, each has the name of a column as its keyword. ``files(arguments)`` are files that it
    reads besides those of the source; ``ready(arguments)`` raises :class:`Unavailable` where it
    could not be carried out.
    """

    family: ClassVar[str] = "transform"
    title: ClassVar[str] = "Dataset transforms"
    room: ClassVar[str] = "transforms"
    rank: ClassVar[int] = 140

    infer: Callable[[Arguments, Element], Element]
    draws: Callable[[Arguments], int] = _zero
    over_columns: bool = False
    named: bool = False
    files: Callable[[Arguments], tuple[str, ...]] = _nothing
    ready: Callable[[Arguments], None] = _is_ready

    def __post_init__(self) -> None:
        if self.changes and INPUT_COLUMNS not in self.signature.arguments:
            arguments = (*self.signature.arguments, INPUT_COLUMNS)
            object.__setattr__(self, "signature", Signature(arguments))

    @property
    def changes(self) -> str | None:
        """What it changes where ``input_columns`` does not say: the only column of "data" or the
        only one of "labels"; None where it does not have that argument."""
        return None

    @property
    def called(self) -> Signature:
        # in Python the columns are those of Dataset.map
        if not self.changes:
            return self.signature
        return Signature(tuple(a for a in self.signature.arguments if a is not INPUT_COLUMNS))

    @property
    def usage(self) -> str:
        return f"{self.name}(column = expression, ...)" if self.named else super().usage


class Flow(Protocol):
    """What one epoch consists of at some place of a pipeline, by number: items, or batches."""

    def __len__(self) -> int: ...

    def take(self, places: Numbers | slice) -> Self:
        """Those at these places, in their order; each at most once."""

    def again(self, places: Numbers) -> Self:
        """Those at these places, which may repeat; random steps treat each as another item."""

    def joined(self, others: Sequence[Self]) -> Self:
        """This and others, one after the other."""


class Chance(Protocol):
    """Random numbers of one step in one epoch: the same at every call."""

    def order(self, count: int) -> Numbers:
        """The numbers below ``count`` in random order."""

    def uniform(self, count: int) -> NDArray[np.float64]:
        """Numbers from 0 to below 1."""


@dataclass(frozen=True, kw_only=True)
class OrderKind(TransformKind):
    """A step that orders, repeats or leaves out, without reading anything.

    ``arrange(arguments, before, epoch, chance)`` is the flow after it in an epoch, starting from 0;
    ``before(epoch)`` the flow before it. With ``random`` it takes a ``seed`` of its own, or none
    for the task's. Where ``lasting``, chance is the same in every epoch.
    """

    arrange: Callable[[Arguments, Callable[[int], Flow], int, Chance], Flow]
    random: bool = False
    lasting: bool = False


@dataclass(frozen=True, kw_only=True)
class ChangeKind(TransformKind):
    """A step that changes items, or batches, each by itself.

    ``apply(tf, arguments, element, data, labels, draws)`` gives data and labels after it, for any
    number of items at once: they may have further axes in front. Where ``single``, it takes one
    item without such axes. ``element`` is what flows before it. With ``by_value``, a
    value of an image [..., H, W, C] becomes what follows from it and its channel alone, at its
    place, or at that of its plane where channels come first. ``of`` is what it changes: "data",
    "labels", or both of them together.
    """

    of: str = "data"
    by_value: bool = False
    apply: Callable[[Ops, Arguments, Element, Any, Any, Any], tuple[Any, Any]]

    @property
    def changes(self) -> str | None:
        return None if self.of == "both" else self.of


def _always(arguments: Arguments, type: TensorType) -> str | None:
    return None


@dataclass(frozen=True, kw_only=True)
class Traced:
    """A step of an :class:`ItemKind` by TensorFlow's operations, for exported files.

    ``apply(tf, arguments, value)`` gives images [..., H, W, C] after it; of a picture's bytes it
    takes one item. Bytes of images are ``levels`` from those of ``compute`` at most.
    ``refusal(arguments, type)`` says why a use does not have such a form. ``on_devices`` is whether
    LiteRT has these operations, too.
    """

    apply: Callable[[Ops, Arguments, Tensor], Tensor]
    levels: int = 0
    refusal: Callable[[Arguments, TensorType], str | None] = _always
    on_devices: bool = True


@dataclass(frozen=True, kw_only=True)
class ItemKind(TransformKind):
    """A step that changes the only column of data of one item, in NumPy.

    ``compute(arguments, type, value, draws)`` gives the value after it; ``type`` is that of the
    value before. May be called in several threads at once. Raises
    :class:`declspore.datafile.Damaged` where the item cannot be changed. ``traced`` is the same by
    TensorFlow's operations, where it has such a form.
    """

    compute: Callable[[Arguments, TensorType, Any, Draws], Array | bytes]
    traced: Traced | None = None

    @property
    def changes(self) -> str | None:
        return "data"


@dataclass(frozen=True, kw_only=True)
class PlaceKind(TransformKind):
    """A step that names, orders or leaves out columns: ``places(arguments, element)`` are those of
    the columns before it that are kept, data before labels, in their new order."""

    places: Callable[[Arguments, Element], tuple[int, ...]]


Values: TypeAlias = "tuple[Any, ...]"
"""The columns of one item, data before labels."""


@dataclass(frozen=True, kw_only=True)
class RowKind(TransformKind):
    """A step that makes columns of columns, in NumPy.

    ``compute(arguments, element, values, wanted)`` gives the columns of one item after it, in which
    those that are not wanted may hold anything; ``element`` is what flows before it. Raises
    :class:`declspore.datafile.Damaged`. ``uses(arguments, element, wanted)`` are the columns before
    it that those are made of.
    """

    compute: Callable[[Arguments, Element, Values, Container[str]], Values]
    uses: Callable[[Arguments, Element, Collection[str]], frozenset[str]]


@dataclass(frozen=True, kw_only=True)
class SelectKind(TransformKind):
    """A step that leaves out items by what they hold: ``chooses(arguments, element, values)``.
    Every item is looked at once, before the first epoch; ``uses(arguments)`` are the columns looked
    at.
    """

    chooses: Callable[[Arguments, Element, Values], bool]
    uses: Callable[[Arguments], tuple[str, ...]]


@dataclass(frozen=True)
class Padding:
    """How items of different sizes become a batch: of every column, data before labels, the sizes
    it is padded or cut to (None: the largest of the batch) and what it is filled with. With
    ``boundaries``, None stands for the boundary above the batch's bucket, less one."""

    shapes: tuple[tuple[int | None, ...], ...]
    values: tuple[object, ...]
    boundaries: tuple[int, ...] = ()


@dataclass(frozen=True, kw_only=True)
class GroupKind(TransformKind):
    """A step that makes batches: ``size(arguments)`` items each; the last one may be smaller where
    ``keeps_last(arguments)``. ``padding(arguments, element)`` is None where items have one size."""

    size: Callable[[Arguments], int]
    keeps_last: Callable[[Arguments], bool]
    padding: Callable[[Arguments, Element], Padding | None] = _none


@dataclass(frozen=True)
class Buckets:
    """Which items share a batch: those that are about equally long. ``boundaries`` are the first
    lengths of all buckets but the first, ``sizes`` the items in a batch of each."""

    boundaries: tuple[int, ...]
    sizes: tuple[int, ...]
    keeps_last: bool


@dataclass(frozen=True, kw_only=True)
class BucketKind(TransformKind):
    """A step that makes batches of items of about one length, ``length(arguments, element,
    values)``. Every item is looked at once, before the first epoch; ``uses(arguments)`` are the
    columns looked at."""

    buckets: Callable[[Arguments], Buckets]
    padding: Callable[[Arguments, Element], Padding]
    uses: Callable[[Arguments], tuple[str, ...]]
    length: Callable[[Arguments, Element, Values], int]


@dataclass(frozen=True, kw_only=True)
class StoreKind(TransformKind):
    """A step that keeps what the steps before it give in their first epoch."""
