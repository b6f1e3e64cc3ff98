"""Answers: what a prediction keeps of the outputs of a network, as columns of a table."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import ClassVar, TypeAlias

from declspore.dataclass import dataclass
from declspore.ir.shape import Shape, TensorType
from declspore.ir.tensors import Array
from declspore.ir.term import Arguments
from declspore.registry.kind import Kind

TEXT = "text"


@dataclass(frozen=True)
class AnswerColumn:
    """A column of answers: one value per sample.

    ``dtype`` is NumPy's name of the element type, or ``text``; ``shape`` is that of one sample's
    value, ``()`` for a number or a string.
    """

    name: str
    dtype: str
    shape: Shape = ()

    def __str__(self) -> str:
        sizes = f"[{', '.join(map(str, self.shape))}]" if self.shape else ""
        return f"{self.name} {self.dtype}{sizes}"


@dataclass(frozen=True)
class AnswerTypes:
    """The types of one sample: outputs of the network, and the dataset's labels by name; and
    whether each sample has a file of its own."""

    outputs: tuple[TensorType, ...]
    labels: Mapping[str, TensorType]
    has_files: bool = False


Values: TypeAlias = "Array | Sequence[str]"
"""Of a column: one item per sample."""


@dataclass(frozen=True)
class Answered:
    """A batch of outputs and labels as NumPy arrays, the names of the classes, if known, and the
    files of the samples, if they have some."""

    outputs: tuple[Array, ...]
    labels: Mapping[str, Array]
    classes: Sequence[str] | None
    files: Sequence[str] | None = None


def _no_classes(arguments: Arguments, types: AnswerTypes) -> int | None:
    return None


@dataclass(frozen=True, kw_only=True)
class AnswerKind(Kind):
    """A word for what a prediction keeps.

    ``columns(arguments, types, named)`` are the columns it makes, where ``named`` is whether
    classes have names; it raises :class:`declspore.registry.kind.Misfit`.
    ``compute(arguments, answered)`` gives their values, an array or a list of strings each, with
    one item per sample. ``classes(arguments, types)`` is the number of classes that names are
    for, or None where it uses no names.
    """

    family: ClassVar[str] = "answer"
    title: ClassVar[str] = "Answers of predictions"
    room: ClassVar[str] = "answers"
    rank: ClassVar[int] = 115

    columns: Callable[[Arguments, AnswerTypes, bool], tuple[AnswerColumn, ...]]
    compute: Callable[[Arguments, Answered], tuple[Values, ...]]
    classes: Callable[[Arguments, AnswerTypes], int | None] = _no_classes
