"""Where rows come from: arrays, functions and classes of Python, and the vocabulary's sources."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, TypeVar

import numpy as np

from declspore.dataset.config import chance
from declspore.dataset.operations import VocabularyTransform
from declspore.dataset.pipeline import Dataset
from declspore.dataset.rows import Row
from declspore.dataset.samplers import Sampler
from declspore.ir.tensors import Array, Numbers
from declspore.porting.names import Unsupported
from declspore.registry.data import ChangeKind, ItemKind, Reader, SourceKind, Unavailable
from declspore.registry.python import bind_call
from declspore.registry.table import vocabulary
from declspore.tensor import Tensor

_GROUP = 256

T = TypeVar("T")


class ByNumber(Dataset):
    """A dataset whose rows are found by number, in random order unless ``shuffle`` is False."""

    def __init__(
        self,
        names: Sequence[str],
        num_samples: int | None = None,
        shuffle: bool | None = None,
        sampler: Iterable[int] | None = None,
        num_shards: int | None = None,
        shard_id: int | None = None,
    ) -> None:
        super().__init__(names)
        if sampler is not None and shuffle is not None:
            raise ValueError("sampler and shuffle cannot both be given")
        if (num_shards is None) != (shard_id is None):
            raise ValueError("num_shards and shard_id are given together")
        self._limit, self._sampler = num_samples, sampler
        self._shuffle = shuffle is None or bool(shuffle)
        self._shard = (num_shards or 1, shard_id or 0)

    def count(self) -> int:
        """How many rows there are, before some are chosen."""
        raise NotImplementedError

    def some(self, numbers: Numbers) -> Iterable[Row]:
        """The rows of these numbers."""
        raise NotImplementedError

    def rows(self, epoch: int) -> Iterator[Row]:
        numbers = self._numbers(epoch)
        for start in range(0, len(numbers), _GROUP):
            yield from self.some(numbers[start : start + _GROUP])

    def _numbers(self, epoch: int) -> Numbers:
        count = self.count()
        if self._sampler is not None:
            found = _sampled(self._sampler, count, epoch)
        elif self._shuffle:
            found = chance("source", epoch).permutation(count)
        else:
            found = np.arange(count)
        shards, own = self._shard
        return found[own::shards][: self._limit]

    def get_dataset_size(self) -> int:
        return len(self._numbers(0))


def _sampled(sampler: Iterable[int], count: int, epoch: int) -> Numbers:
    if isinstance(sampler, Sampler):
        return sampler.numbers(count, epoch)
    if isinstance(sampler, Iterable):
        return np.asarray(list(sampler), np.int64)
    raise TypeError(f"sampler must be one of declspore.dataset, not {type(sampler).__name__}")


class NumpySlicesDataset(ByNumber):
    """Rows of arrays (mindspore.dataset.NumpySlicesDataset): of a list, a tuple of arrays, or a
    dict. Rows come in random order unless ``shuffle`` is False. Raises ValueError."""

    def __init__(
        self,
        data: object,
        column_names: Sequence[str] | None = None,
        num_samples: int | None = None,
        num_parallel_workers: int = 1,
        shuffle: bool | None = None,
        sampler: Iterable[int] | None = None,
        num_shards: int | None = None,
        shard_id: int | None = None,
    ) -> None:
        names = [column_names] if isinstance(column_names, str) else column_names
        found, self._columns = _columns_of(data, names)
        counts = {len(column) for column in self._columns}
        if len(counts) != 1:
            raise ValueError(f"the columns have different lengths: {sorted(counts)}")
        super().__init__(found, num_samples, shuffle, sampler, num_shards, shard_id)

    def count(self) -> int:
        return len(self._columns[0])

    def some(self, numbers: Numbers) -> Iterable[Row]:
        return zip(*(column[numbers] for column in self._columns), strict=True)


def _columns_of(data: object, names: Sequence[str] | None) -> tuple[list[str], list[Array]]:
    """Names and columns of arrays: of a dict, of a tuple, or of one alone."""
    if isinstance(data, Mapping):
        return list(data), [np.asarray(value) for value in data.values()]
    columns = [np.asarray(each) for each in data] if isinstance(data, tuple) else [np.asarray(data)]
    found = list(names) if names is not None else [f"column_{n}" for n in range(len(columns))]
    if len(found) != len(columns):
        raise ValueError(f"there are {len(columns)} columns and {len(found)} names")
    return found, columns


class GeneratorDataset(ByNumber):
    """Rows of Python (mindspore.dataset.GeneratorDataset): an object with ``__getitem__`` and
    ``__len__``, an iterable, or a function that gives one.

    Rows by number come in random order unless ``shuffle`` is False; of an iterable in its order.
    Raises TypeError and ValueError.
    """

    def __init__(
        self,
        source: Any,
        column_names: str | Sequence[str] | None = None,
        column_types: Sequence[object] | None = None,
        schema: object = None,
        num_samples: int | None = None,
        num_parallel_workers: int = 1,
        shuffle: bool | None = None,
        sampler: Iterable[int] | None = None,
        num_shards: int | None = None,
        shard_id: int | None = None,
        python_multiprocessing: bool = True,
        max_rowsize: object = None,
    ) -> None:
        if schema is not None or column_names is None:
            raise Unsupported("GeneratorDataset(schema)", "name the columns by column_names")
        names = [column_names] if isinstance(column_names, str) else list(column_names)
        self._by_number = hasattr(source, "__getitem__") and hasattr(source, "__len__")
        if not self._by_number and not callable(source) and not isinstance(source, Iterable):
            raise TypeError(
                "source must have __getitem__ and __len__, or be iterable or a function"
            )
        if not self._by_number and (shuffle or sampler is not None or num_shards is not None):
            raise ValueError("shuffle, sampler and num_shards need a source with __getitem__")
        self._source, self._types = source, column_types
        super().__init__(names, num_samples, shuffle, sampler, num_shards, shard_id)

    def rows(self, epoch: int) -> Iterator[Row]:
        if self._by_number:
            return super().rows(epoch)
        source = self._source() if callable(self._source) else self._source
        taken = (row for number, row in enumerate(source) if self._in_limit(number))
        return (self._row(row) for row in taken)

    def _in_limit(self, number: int) -> bool:
        return self._limit is None or number < self._limit

    def count(self) -> int:
        return len(self._source)

    def some(self, numbers: Numbers) -> Iterable[Row]:
        return (self._row(self._source[int(number)]) for number in numbers)

    def _row(self, given: object) -> Row:
        values = given if isinstance(given, tuple) else (given,)
        if len(values) != len(self._names):
            raise ValueError(
                f"source gives {len(values)} values, column_names has {len(self._names)}"
            )
        return tuple(_array(value) for value in values)

    def get_dataset_size(self) -> int:
        return super().get_dataset_size() if self._by_number else sum(1 for _ in self.rows(0))


def _array(value: object) -> Array:
    return value.asnumpy() if isinstance(value, Tensor) else np.asarray(value)


class _OfVocabulary(ByNumber):
    """A source of the vocabulary."""

    def __init__(self, kind: SourceKind, given: dict[str, object], common: dict[str, Any]) -> None:
        self._kind = kind
        self._arguments = bind_call(kind, (), given)
        element = kind.element(self._arguments)
        self._classes = element.classes
        self._reader: Reader | None = None
        names = [column.name for column in (*element.inputs, *element.labels)]
        super().__init__(names, **common)

    def count(self) -> int:
        return int(self._explained(lambda: self._kind.size(self._arguments)))

    def some(self, numbers: Numbers) -> Iterable[Row]:
        if self._reader is None:
            self._reader = self._explained(lambda: self._kind.open(self._arguments))
        reader = self._reader
        columns = self._explained(lambda: reader.rows(numbers))
        return zip(*columns, strict=True)

    def num_classes(self) -> int | None:
        return self._classes

    def _explained(self, read: Callable[[], T]) -> T:
        try:
            return read()
        except Unavailable as error:
            help = f"; {error.helps[0]}" if error.helps else ""
            raise ValueError(f"{self._kind.name}: {error}{help}") from None


_COMMON = ("num_samples", "shuffle", "sampler", "num_shards", "shard_id")
_IGNORED = ("num_parallel_workers", "cache")


def source_maker(kind: SourceKind) -> Callable[..., Dataset]:
    """What makes a dataset of that source, as scripts call its class."""

    def make(*given: object, **named: object) -> Dataset:
        names = [*kind.signature.names, "num_samples", "num_parallel_workers", "shuffle"]
        names += ["sampler", "num_shards", "shard_id", "cache"]
        if len(given) > len(names):
            raise TypeError(f"{kind.name}Dataset takes {', '.join(names)}")
        every = {**dict(zip(names, given, strict=False)), **named}
        common = {name: every.pop(name) for name in _COMMON if name in every}
        own = {name: value for name, value in every.items() if name not in _IGNORED}
        own = {name: value for name, value in own.items() if value is not None}
        found: Dataset = _OfVocabulary(kind, own, common)
        for step in kind.first(bind_call(kind, (), own)):  # such as Decode, where decode is given
            change = vocabulary().get(step.word)
            if isinstance(change, ChangeKind | ItemKind):
                found = found.map(VocabularyTransform(change, step.arguments))
        return found

    make.__name__ = make.__qualname__ = f"{kind.name}Dataset"
    make.__doc__ = f"{kind.summary}\n\nArguments: {kind.signature}, then {', '.join(_COMMON)}."
    return make
