"""Sources of samples and the transforms they flow through.

The rooms never import TensorFlow: they are handed the module when a pipeline is built.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, ClassVar

from declspore.ir.shape import TensorType
from declspore.ir.term import Arguments
from declspore.registry.kind import Kind


class Unavailable(Exception):
    """A source cannot be read: the message says why, ``help`` what to do."""

    def __init__(self, message: str, help: str | None = None) -> None:
        super().__init__(message)
        self.help = help


@dataclass(frozen=True, slots=True)
class Element:
    """What one item of a dataset is: the types of image (or features) and label.

    ``count`` is the number of items where it is known; ``batched`` whether items are batches,
    so that the first axis of both types counts samples; ``classes`` how many classes labels that
    are class numbers come from, where that is known.
    """

    data: TensorType
    label: TensorType
    count: int | None = None
    batched: bool = False
    classes: int | None = None

    def with_data(self, data: TensorType) -> Element:
        return replace(self, data=data)


def _none(arguments: Arguments) -> tuple[str, ...]:
    return ()


@dataclass(frozen=True, kw_only=True)
class SourceKind(Kind):
    """Where samples come from.

    ``element(arguments)`` tells the types without reading anything; ``size(arguments)`` the
    number of samples from headers or listings alone; ``open(tf, arguments)`` gives a
    ``tf.data.Dataset`` of (data, label). Both raise :class:`Unavailable`. ``files(arguments)``
    are the files the samples are read from, for their digests.
    """

    family: ClassVar[str] = "source"

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

    infer: Callable[[Arguments, Element], Element]
    apply: Callable[[Any, Arguments, Any, Element], Any]
