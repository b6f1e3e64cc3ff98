"""Datasets as epochs of batches."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any, Protocol

from declspore.lower.batches import Batch, pairs


class Epoch(Protocol):
    """The batches of one epoch that are still to come."""

    @property
    def batches(self) -> Iterator[Batch]: ...

    def advance(self, steps: int) -> None:
        """So many batches were taken."""

    def more(self) -> bool:
        """Whether batches may follow; where only reading shows it, the next one is read."""


class Feed(Protocol):
    """What a training reads."""

    def epoch(self, number: int, skip: int, native: bool) -> Epoch:
        """The batches of an epoch, counted from 1, without the first ``skip``.

        ``native`` asks for a ``tf.data`` iterator where the data is of TensorFlow.
        """


class TrainingData:
    """A dataset, or any iterable of (data, labels), that is gone through once an epoch.

    ``count`` is the number of its batches, where it is known.
    """

    def __init__(self, data: Any, count: int | None = None) -> None:
        self._data = data
        self._count = count

    def epoch(self, number: int, skip: int, native: bool) -> Epoch:
        if native and is_native(self._data):
            _check_element(self._data)
            return _Native(self._data, skip, self._count)
        batches = pairs(self._data)
        return _Peeking(islice(batches, skip, None))


class Stream(Protocol):
    """Batches from any place of any epoch; ``len`` is the number of those of an epoch."""

    def __len__(self) -> int: ...

    def epoch(self, number: int, skip: int = 0) -> Iterable[Batch]:
        """A ``tf.data.Dataset`` of an epoch, counted from 1, without the first ``skip``."""


class Streamed:
    """A dataset whose batches depend on the number of the epoch and the place in it alone."""

    def __init__(self, stream: Stream) -> None:
        self._stream = stream

    def epoch(self, number: int, skip: int, native: bool) -> Epoch:
        data = self._stream.epoch(number, skip)
        if native:
            return _Native(data, 0, len(self._stream) - skip, reopens=False)
        return _Peeking(pairs(data))


def is_native(data: object) -> bool:
    """Whether it is a dataset of TensorFlow."""
    return type(data).__module__.startswith("tensorflow.")


class _Native:
    """An iterator of tf.data, which a compiled function reads by itself."""

    def __init__(self, data: Any, skip: int, count: int | None, reopens: bool = True) -> None:
        self._data, self._reopens = data, reopens
        self._left = None if count is None else count - skip
        self.batches: Iterator[Any] = iter(data.skip(skip) if skip else data)

    def advance(self, steps: int) -> None:
        if self._left is None:
            return
        self._left -= steps
        if not self._left and self._reopens:
            # Keras's fit opens the next iterator when an epoch ends, and another one when the next
            # epoch begins; a shuffle counts both, and its order decides every digest after it
            iter(self._data)

    def more(self) -> bool:
        return self._left is None or self._left > 0


def _check_element(data: Any) -> None:
    element = data.element_spec
    if not isinstance(element, tuple) or len(element) != 2:
        many = f"{len(element)} parts" if isinstance(element, tuple | list | dict) else "one part"
        raise TypeError(f"expected a dataset of (data, labels), found one whose items have {many}")


class _Peeking:
    """Batches of Python, one of which may be read ahead."""

    def __init__(self, batches: Iterator[Batch]) -> None:
        self._ahead: list[Batch] = []
        self._rest = batches
        self.batches: Iterator[Batch] = self._each()

    def _each(self) -> Iterator[Batch]:
        while self.more():
            yield self._ahead.pop()

    def advance(self, steps: int) -> None:
        pass

    def more(self) -> bool:
        if not self._ahead:
            self._ahead = list(islice(self._rest, 1))
        return bool(self._ahead)


def length_of(data: Iterable[object]) -> int | None:
    """How many batches there are, where the data says so by itself."""
    if isinstance(data, Iterator):
        return None
    for name in ("__len__", "cardinality", "get_dataset_size"):
        if hasattr(data, name):
            try:
                number = int(getattr(data, name)())
            except TypeError:
                continue
            if number >= 0:
                return number
    return None


def counted(data: Iterable[object]) -> int | None:
    """How many batches there are, by reading them all where need be; None of an iterator."""
    if isinstance(data, Iterator):
        return None
    length = length_of(data)
    return sum(1 for _ in data) if length is None else length
