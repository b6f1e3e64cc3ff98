"""Datasets as scripts make them: columns of rows, and what is done to them, one call after another.

Rows are tuples of NumPy arrays. They flow in groups, so that transforms of the vocabulary work on
many rows at once; functions of Python are called row by row.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import chain, islice
from typing import Any, TypeVar

import numpy as np

from declspore.dataset.config import chance
from declspore.dataset.operations import Operation, apply_all
from declspore.dataset.padded import PadInfo, check_buckets, filled, in_buckets
from declspore.ir.dtype import BY_NUMPY
from declspore.ir.tensors import Array
from declspore.porting.names import Unsupported
from declspore.porting.reasons import reason_of
from declspore.tensor import Tensor

Row = tuple[Any, ...]
D = TypeVar("D", bound="Dataset")
_GROUP = 256
"""Rows that transforms work on at once."""


class Dataset:
    """Rows of named columns (mindspore.dataset.Dataset). Every iteration is an epoch.

    ``Model`` takes one whose rows are batches of data and label; where there are more columns, the
    last one is the label.
    """

    def __init__(self, names: Sequence[str], parents: Sequence[Dataset] = ()) -> None:
        self._names = list(names)
        self._parents = tuple(parents)
        self._epochs = 0

    # ---- what a kind of dataset is

    def rows(self, epoch: int) -> Iterator[Row]:
        """The rows of an epoch, starting from 0."""
        raise NotImplementedError

    def get_dataset_size(self) -> int:
        """How many rows an epoch has."""
        return sum(1 for _ in self.rows(0))

    # ---- reading

    def __iter__(self) -> Iterator[list[Tensor]]:
        return self.create_tuple_iterator()

    def __len__(self) -> int:
        return self.get_dataset_size()

    def _next_rows(self) -> Iterator[Row]:
        epoch, self._epochs = self._epochs, self._epochs + 1
        return self.rows(epoch)

    def create_tuple_iterator(
        self,
        columns: Sequence[str] | None = None,
        num_epochs: int = -1,
        output_numpy: bool = False,
        do_copy: bool = False,
    ) -> Iterator[list[Any]]:
        """Rows as lists of tensors, or of arrays; ``columns`` chooses some, in their order."""
        places = None if columns is None else [self.place_of(name) for name in columns]
        for row in self._next_rows():
            chosen = row if places is None else [row[place] for place in places]
            yield [_out(value, output_numpy) for value in chosen]

    def create_dict_iterator(
        self, num_epochs: int = -1, output_numpy: bool = False, do_copy: bool = False
    ) -> Iterator[dict[str, Any]]:
        """Rows as dicts of tensors, or of arrays, by column."""
        for row in self._next_rows():
            pairs = zip(self._names, row, strict=True)
            yield {name: _out(value, output_numpy) for name, value in pairs}

    def as_pairs(self) -> Pairs:
        """Its rows as (data, label) for a training."""
        return Pairs(self)

    def reset(self) -> None:
        """Begin with the first epoch again."""
        self._epochs = 0

    # ---- what it holds

    def get_col_names(self) -> list[str]:
        """The names of the columns."""
        return list(self._names)

    def get_batch_size(self) -> int:
        """How many items a row has: 1, where the rows are not batches."""
        return self._parents[0].get_batch_size() if self._parents else 1

    def get_repeat_count(self) -> int:
        """How often the data is repeated in an epoch."""
        return self._parents[0].get_repeat_count() if self._parents else 1

    def num_classes(self) -> int | None:
        """How many classes labels come from, where that is known."""
        return self._parents[0].num_classes() if self._parents else None

    def output_shapes(self, estimate: bool = False) -> list[list[int]]:
        """The shapes of the columns of the first row."""
        return [list(np.shape(value)) for value in self.first()]

    def output_types(self) -> list[np.dtype[Any]]:
        """The element types of the columns of the first row."""
        return [np.asarray(value).dtype for value in self.first()]

    def first(self) -> Row:
        """The first row of the first epoch. Raises ValueError where there is none."""
        found = next(self.rows(0), None)
        if found is None:
            raise ValueError("the dataset has no rows")
        return found

    def place_of(self, name: str) -> int:
        """The place of a column in a row. Raises ValueError."""
        if name not in self._names:
            raise ValueError(f"no column is called {name!r}; there are {', '.join(self._names)}")
        return self._names.index(name)

    def __getattr__(self, name: str) -> Any:
        if name in _ABSENT:
            raise Unsupported(f"Dataset.{name}", reason_of("mindspore.dataset", name))
        raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")

    # ---- further datasets

    def map(
        self,
        operations: Callable[..., object] | Sequence[Callable[..., object]],
        input_columns: str | Sequence[str] | None = None,
        output_columns: str | Sequence[str] | None = None,
        column_order: Sequence[str] | None = None,
        num_parallel_workers: int | None = None,
        **settings: object,
    ) -> Dataset:
        """Apply operations to columns, the first one where none is named.

        Rows are read and changed in the caller's thread, so ``num_parallel_workers``,
        ``python_multiprocessing``, ``cache``, ``max_rowsize`` and ``offload`` have no effect.
        Raises Unsupported for ``callbacks``, TypeError for other settings.
        """
        _check_settings("map", settings, ("callbacks",))
        found = _Mapped(self, _several(operations), input_columns, output_columns)
        return found if column_order is None else found.project(column_order)

    def batch(
        self,
        batch_size: int | Callable[..., int],
        drop_remainder: bool = False,
        num_parallel_workers: int | None = None,
        **settings: object,
    ) -> Dataset:
        """Rows of ``batch_size`` rows each. Raises ValueError, and Unsupported for
        ``per_batch_map``."""
        _check_settings("batch", settings, ("per_batch_map", "input_columns", "output_columns"))
        if callable(batch_size):
            raise Unsupported("Dataset.batch(function)", "batches have one size")
        if batch_size < 1:
            raise ValueError(f"batch_size must be positive, not {batch_size}")
        return _Batched(self, int(batch_size), drop_remainder)

    def padded_batch(
        self,
        batch_size: int,
        drop_remainder: bool = False,
        num_parallel_workers: int | None = None,
        pad_info: PadInfo | None = None,
    ) -> Dataset:
        """Rows of ``batch_size`` rows each, columns filled up as ``pad_info`` says. Raises
        ValueError."""
        if batch_size < 1:
            raise ValueError(f"batch_size must be positive, not {batch_size}")
        return _Batched(self, int(batch_size), drop_remainder, pad_info)

    def bucket_batch_by_length(
        self,
        column_names: str | Sequence[str],
        bucket_boundaries: Sequence[int],
        bucket_batch_sizes: Sequence[int],
        element_length_function: Callable[..., int] | None = None,
        pad_info: PadInfo | None = None,
        pad_to_bucket_boundary: bool = False,
        drop_remainder: bool = False,
    ) -> Dataset:
        """Rows of about one length in batches; the length is that of one column, or what a function
        gives of several. Raises ValueError."""
        check_buckets(bucket_boundaries, bucket_batch_sizes)
        names = _listed(column_names)
        if element_length_function is None and len(names) != 1:
            raise ValueError("the length of several columns needs element_length_function")
        buckets = list(bucket_boundaries), list(bucket_batch_sizes)
        return _Bucketed(
            self,
            names,
            buckets,
            element_length_function,
            {} if pad_info is None else pad_info,
            pad_to_bucket_boundary,
            drop_remainder,
        )

    def shuffle(self, buffer_size: int) -> Dataset:
        """Rows in another order in every epoch, each drawn from a buffer of ``buffer_size``."""
        if buffer_size < 2:
            raise ValueError(f"buffer_size must be at least 2, not {buffer_size}")
        return _Shuffled(self, buffer_size)

    def repeat(self, count: int | None = None) -> Dataset:
        """``count`` passes in one epoch."""
        if count is None or count < 1:
            raise ValueError(f"count must be positive, not {count}; without it an epoch never ends")
        return _Repeated(self, count)

    def take(self, count: int = -1) -> Dataset:
        """The first ``count`` rows; all for -1."""
        return _Part(self, 0, None if count == -1 else count)

    def skip(self, count: int) -> Dataset:
        """All rows but the first ``count``."""
        return _Part(self, count, None)

    def filter(
        self,
        predicate: Callable[..., object],
        input_columns: str | Sequence[str] | None = None,
        num_parallel_workers: int | None = None,
    ) -> Dataset:
        """The rows for whose columns ``predicate`` is true."""
        return _Filtered(self, predicate, input_columns)

    def rename(
        self, input_columns: str | Sequence[str], output_columns: str | Sequence[str]
    ) -> Dataset:
        """Columns under other names."""
        return _Renamed(self, _listed(input_columns), _listed(output_columns))

    def project(self, columns: str | Sequence[str]) -> Dataset:
        """Some columns, in that order."""
        return _Projected(self, _listed(columns))

    def concat(self, datasets: Dataset | Sequence[Dataset]) -> Dataset:
        """The rows of this dataset, then those of others."""
        others = [datasets] if isinstance(datasets, Dataset) else list(datasets)
        return _Joined([self, *others])

    def __add__(self, other: Dataset) -> Dataset:
        return self.concat(other)

    def zip(self, datasets: Dataset | Sequence[Dataset]) -> Dataset:
        """The columns of this dataset next to those of others."""
        others = [datasets] if isinstance(datasets, Dataset) else list(datasets)
        return Zipped([self, *others])

    def apply(self, apply_func: Callable[[Dataset], Dataset]) -> Dataset:
        """What a function makes of it."""
        return apply_func(self)

    def split(self, sizes: Sequence[int | float], randomize: bool = True) -> list[Dataset]:
        """Parts of so many rows, or of such shares; each row is in one of them."""
        return _split(self, sizes, randomize)


_OF_ENGINE = ("num_parallel_workers", "python_multiprocessing", "cache", "max_rowsize", "offload")
"""Settings of MindSpore's engine, which reads rows in threads and processes of its own."""


def _check_settings(method: str, settings: Mapping[str, object], refused: Sequence[str]) -> None:
    """Raises Unsupported for settings that would change rows, TypeError for what is none."""
    for name, value in settings.items():
        if name in refused and value is not None:
            raise Unsupported(f"Dataset.{method}({name})", "use map with a function, after it")
        if name not in (*refused, *_OF_ENGINE):
            raise TypeError(f"{method} does not have a setting {name!r}")


_ABSENT = (
    *("device_que", "flat_map", "get_class_indexing"),
    *("save", "sync_wait", "sync_update", "to_json", "send", "recv", "set_init_step"),
)


class Pairs:
    """The rows of a dataset as (data, label), as trainings read them."""

    def __init__(self, dataset: Dataset) -> None:
        self._dataset = dataset

    def __iter__(self) -> Iterator[tuple[object, object]]:
        return map(_pair, self._dataset.create_tuple_iterator(output_numpy=True))

    def first(self) -> tuple[object, object]:
        """The first row of the first epoch. Raises ValueError where there is none."""
        return _pair([np.asarray(value) for value in self._dataset.first()])

    def __len__(self) -> int:
        return self._dataset.get_dataset_size()


def _pair(row: Sequence[object]) -> tuple[object, object]:
    if len(row) < 2:
        raise TypeError("training needs data and label, the dataset has one column")
    *data, label = row
    return (data[0] if len(data) == 1 else tuple(data)), label


def _out(value: object, as_array: bool) -> object:
    array = np.asarray(value)
    if as_array or array.dtype.name not in BY_NUMPY:
        return array
    return Tensor(array)


def _several(given: Any) -> list[Callable[..., object]]:
    return list(given) if isinstance(given, list | tuple) else [given]


def _listed(given: str | Sequence[str]) -> list[str]:
    return [given] if isinstance(given, str) else list(given)


def _groups(rows: Iterator[Row]) -> Iterator[list[Row]]:
    while group := list(islice(rows, _GROUP)):
        yield group


class _Mapped(Dataset):
    def __init__(
        self,
        parent: Dataset,
        operations: list[Callable[..., object]],
        given: str | Sequence[str] | None,
        made: str | Sequence[str] | None,
    ) -> None:
        names = parent.get_col_names()
        self._inputs = [names[0]] if given is None else _listed(given)
        self._outputs = self._inputs if made is None else _listed(made)
        self._places = [parent.place_of(name) for name in self._inputs]
        self._at = min(self._places)
        self._operations: list[Callable[..., object]] = operations
        super().__init__(_replaced_names(names, self._inputs, self._outputs), [parent])

    def rows(self, epoch: int) -> Iterator[Row]:
        draws = chance("map", epoch)
        for group in _groups(self._parents[0].rows(epoch)):
            columns = [[row[place] for place in self._places] for row in group]
            changed = apply_all(self._operations, columns, draws)
            for row, made in zip(group, changed, strict=True):
                yield self._with(row, made)

    def _with(self, row: Row, made: Sequence[object]) -> Row:
        if len(made) != len(self._outputs):
            raise ValueError(
                f"the operations give {len(made)} values, output_columns has {len(self._outputs)}"
            )
        if len(self._places) == len(made):
            return _inplace_of(row, self._places, made)
        kept = [value for place, value in enumerate(row) if place not in self._places]
        return (*kept[: self._at], *made, *kept[self._at :])

    def get_dataset_size(self) -> int:
        return self._parents[0].get_dataset_size()


def _inplace_of(row: Row, places: Sequence[int], made: Sequence[object]) -> Row:
    found = list(row)
    for place, value in zip(places, made, strict=True):
        found[place] = value
    return tuple(found)


def _replaced_names(names: list[str], given: list[str], made: list[str]) -> list[str]:
    if len(given) == len(made):
        by_name = dict(zip(given, made, strict=True))
        return [by_name.get(name, name) for name in names]
    at = min(names.index(name) for name in given)
    kept = [name for name in names if name not in given]
    return [*kept[:at], *made, *kept[at:]]


class _Batched(Dataset):
    def __init__(
        self, parent: Dataset, size: int, drops: bool, pad_info: PadInfo | None = None
    ) -> None:
        super().__init__(parent.get_col_names(), [parent])
        self._size, self._drops, self._pad_info = size, drops, pad_info
        for name in pad_info or ():
            self.place_of(name)

    def rows(self, epoch: int) -> Iterator[Row]:
        rows = self._parents[0].rows(epoch)
        while group := list(islice(rows, self._size)):
            if len(group) == self._size or not self._drops:
                yield tuple(self._stacked(n, v) for n, v in enumerate(zip(*group, strict=True)))

    def _stacked(self, place: int, values: Sequence[Array]) -> object:
        if self._pad_info is not None:
            name = self._names[place]
            if not self._pad_info or name in self._pad_info:
                return filled(values, *self._pad_info.get(name, (None, 0)))
        try:
            return np.stack([np.asarray(value) for value in values])
        except ValueError:
            shapes = sorted({np.shape(value) for value in values})
            raise ValueError(
                f"rows of one batch have different shapes in column {self._names[place]!r}: "
                f"{', '.join(map(str, shapes[:4]))}"
            ) from None

    def get_dataset_size(self) -> int:
        rows = self._parents[0].get_dataset_size()
        return rows // self._size if self._drops else -(-rows // self._size)

    def get_batch_size(self) -> int:
        return self._size


class _Bucketed(_Batched):
    def __init__(
        self,
        parent: Dataset,
        lengths_of: list[str],
        buckets: tuple[list[int], list[int]],
        function: Callable[..., int] | None,
        pad_info: PadInfo,
        to_boundary: bool,
        drops: bool,
    ) -> None:
        super().__init__(parent, 1, drops, pad_info)
        self._places = [parent.place_of(name) for name in lengths_of]
        self._boundaries, self._sizes = buckets
        self._function, self._to_boundary = function, to_boundary
        self._given = pad_info

    def rows(self, epoch: int) -> Iterator[Row]:
        rows = ((row, self._length(row)) for row in self._parents[0].rows(epoch))
        for bucket, batch in in_buckets(rows, self._boundaries, self._sizes, not self._drops):
            self._pad_info = self._bounded(bucket)
            yield tuple(self._stacked(n, v) for n, v in enumerate(zip(*batch, strict=True)))

    def _length(self, row: Row) -> int:
        values = [row[place] for place in self._places]
        return len(values[0]) if self._function is None else int(self._function(*values))

    def _bounded(self, bucket: int) -> PadInfo:
        """What columns are filled to in a bucket."""
        if not self._to_boundary:
            return self._given
        if bucket == len(self._boundaries):
            raise ValueError(
                "pad_to_bucket_boundary needs a boundary above every length; "
                f"the last one is {self._boundaries[-1]}"
            )
        most = self._boundaries[bucket] - 1
        return {
            name: (None if shape is None else [most if n is None else n for n in shape], value)
            for name, (shape, value) in self._given.items()
        }

    def get_dataset_size(self) -> int:
        return sum(1 for _ in self.rows(0))

    def get_batch_size(self) -> int:
        return max(self._sizes)


class _Shuffled(Dataset):
    def __init__(self, parent: Dataset, size: int) -> None:
        super().__init__(parent.get_col_names(), [parent])
        self._size = size

    def rows(self, epoch: int) -> Iterator[Row]:
        draws = chance("shuffle", epoch)
        rows = self._parents[0].rows(epoch)
        buffer = list(islice(rows, self._size))
        for row in rows:
            place = int(draws.integers(len(buffer)))
            yield buffer[place]
            buffer[place] = row
        for place in draws.permutation(len(buffer)):
            yield buffer[place]

    def get_dataset_size(self) -> int:
        return self._parents[0].get_dataset_size()


class _Repeated(Dataset):
    def __init__(self, parent: Dataset, count: int) -> None:
        super().__init__(parent.get_col_names(), [parent])
        self._count = count

    def rows(self, epoch: int) -> Iterator[Row]:
        for number in range(self._count):
            yield from self._parents[0].rows(epoch * self._count + number)

    def get_dataset_size(self) -> int:
        return self._count * self._parents[0].get_dataset_size()

    def get_repeat_count(self) -> int:
        return self._count * self._parents[0].get_repeat_count()


class _Part(Dataset):
    def __init__(self, parent: Dataset, start: int, count: int | None) -> None:
        if start < 0 or (count is not None and count < 1):
            raise ValueError(f"expected a number of rows, found {start if start < 0 else count}")
        super().__init__(parent.get_col_names(), [parent])
        self._start, self._count = start, count

    def rows(self, epoch: int) -> Iterator[Row]:
        end = None if self._count is None else self._start + self._count
        return islice(self._parents[0].rows(epoch), self._start, end)

    def get_dataset_size(self) -> int:
        left = max(self._parents[0].get_dataset_size() - self._start, 0)
        return left if self._count is None else min(left, self._count)


class _Filtered(Dataset):
    def __init__(
        self, parent: Dataset, predicate: Callable[..., object], given: str | Sequence[str] | None
    ) -> None:
        names = parent.get_col_names()
        super().__init__(names, [parent])
        chosen = names if given is None else _listed(given)
        self._places, self._predicate = [self.place_of(name) for name in chosen], predicate

    def rows(self, epoch: int) -> Iterator[Row]:
        for row in self._parents[0].rows(epoch):
            if bool(self._predicate(*(row[place] for place in self._places))):
                yield row


class _Renamed(Dataset):
    def __init__(self, parent: Dataset, given: list[str], made: list[str]) -> None:
        for name in given:
            parent.place_of(name)
        if len(given) != len(made):
            raise ValueError(f"{len(given)} columns are renamed to {len(made)} names")
        super().__init__(_replaced_names(parent.get_col_names(), given, made), [parent])

    def rows(self, epoch: int) -> Iterator[Row]:
        return self._parents[0].rows(epoch)

    def get_dataset_size(self) -> int:
        return self._parents[0].get_dataset_size()


class _Projected(Dataset):
    def __init__(self, parent: Dataset, columns: list[str]) -> None:
        self._places = [parent.place_of(name) for name in columns]
        super().__init__(columns, [parent])

    def rows(self, epoch: int) -> Iterator[Row]:
        for row in self._parents[0].rows(epoch):
            yield tuple(row[place] for place in self._places)

    def get_dataset_size(self) -> int:
        return self._parents[0].get_dataset_size()


class _Joined(Dataset):
    def __init__(self, parents: Sequence[Dataset]) -> None:
        names = parents[0].get_col_names()
        for other in parents[1:]:
            if other.get_col_names() != names:
                raise ValueError(
                    f"datasets of different columns are joined: {names}, {other.get_col_names()}"
                )
        super().__init__(names, parents)

    def rows(self, epoch: int) -> Iterator[Row]:
        return chain.from_iterable(parent.rows(epoch) for parent in self._parents)

    def get_dataset_size(self) -> int:
        return sum(parent.get_dataset_size() for parent in self._parents)


class Zipped(Dataset):
    """Datasets side by side (mindspore.dataset.zip); the shortest decides how many rows there are.

    Raises ValueError where two have a column of one name.
    """

    def __init__(self, parents: Sequence[Dataset]) -> None:
        names = [name for parent in parents for name in parent.get_col_names()]
        if len(set(names)) < len(names):
            raise ValueError(f"two of the datasets have a column of one name: {', '.join(names)}")
        super().__init__(names, parents)

    def rows(self, epoch: int) -> Iterator[Row]:
        for rows in zip(*(parent.rows(epoch) for parent in self._parents), strict=False):
            yield tuple(value for row in rows for value in row)

    def get_dataset_size(self) -> int:
        return min(parent.get_dataset_size() for parent in self._parents)


class _Kept(Dataset):
    """Some rows of another dataset, by place."""

    def __init__(self, parent: Dataset, places: Iterable[int]) -> None:
        super().__init__(parent.get_col_names(), [parent])
        self._chosen = list(places)

    def rows(self, epoch: int) -> Iterator[Row]:
        every = list(self._parents[0].rows(0))
        return (every[place] for place in self._chosen)

    def get_dataset_size(self) -> int:
        return len(self._chosen)


def _split(dataset: Dataset, sizes: Sequence[int | float], randomize: bool) -> list[Dataset]:
    total = dataset.get_dataset_size()
    counts = [round(size * total) if isinstance(size, float) else size for size in sizes]
    if any(isinstance(size, float) for size in sizes):
        counts[0] += total - sum(counts)
    if sum(counts) != total or min(counts) < 1:
        raise ValueError(f"the dataset has {total} rows, the parts {counts}")
    order = chance("split", 0).permutation(total) if randomize else np.arange(total)
    ends = np.cumsum(counts)
    return [_Kept(dataset, order[end - n : end]) for end, n in zip(ends, counts, strict=True)]


def columns_of(data: object, names: Sequence[str] | None) -> tuple[list[str], list[Array]]:
    """Names and columns of arrays: of a dict, of a tuple, or of one alone."""
    if isinstance(data, Mapping):
        return list(data), [np.asarray(value) for value in data.values()]
    columns = [np.asarray(each) for each in data] if isinstance(data, tuple) else [np.asarray(data)]
    found = list(names) if names is not None else [f"column_{n}" for n in range(len(columns))]
    if len(found) != len(columns):
        raise ValueError(f"there are {len(columns)} columns and {len(found)} names")
    return found, columns


__all__ = ["Dataset", "Operation", "Pairs", "Row", "Zipped", "columns_of"]
