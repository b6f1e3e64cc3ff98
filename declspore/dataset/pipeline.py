"""Datasets as scripts make them: columns of rows, and what is done to them, one call after another.

Rows are tuples of NumPy arrays. They flow in groups, so that transforms of the vocabulary work on
many rows at once; functions of Python are called row by row. What the calls do is in
:mod:`declspore.dataset.steps`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from declspore.dataset import steps
from declspore.dataset.padded import PadInfo, check_buckets
from declspore.dataset.rows import Row, Rows, listed
from declspore.ir.dtype import BY_NUMPY
from declspore.porting.names import Unsupported
from declspore.porting.reasons import reason_of
from declspore.tensor import Tensor


class Dataset(Rows):
    """Rows of named columns (mindspore.dataset.Dataset). Every iteration is an epoch.

    ``Model`` takes one whose rows are batches of data and label; where there are more columns, the
    last one is the label.
    """

    def __init__(self, names: Sequence[str]) -> None:
        super().__init__(names)
        self._epochs = 0

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

    def __getattr__(self, name: str) -> Any:
        if name in _ABSENT:
            raise Unsupported(f"Dataset.{name}", reason_of("mindspore.dataset", name))
        raise AttributeError(f"'Dataset' object has no attribute {name!r}")

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
        found = _Made(steps.Mapped(self, _several(operations), input_columns, output_columns))
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
        return _Made(steps.Batched(self, int(batch_size), drop_remainder))

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
        return _Made(steps.Batched(self, int(batch_size), drop_remainder, pad_info))

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
        names = listed(column_names)
        if element_length_function is None and len(names) != 1:
            raise ValueError("the length of several columns needs element_length_function")
        buckets = list(bucket_boundaries), list(bucket_batch_sizes)
        made = steps.Bucketed(
            self,
            names,
            buckets,
            element_length_function,
            {} if pad_info is None else pad_info,
            pad_to_bucket_boundary,
            drop_remainder,
        )
        return _Made(made)

    def shuffle(self, buffer_size: int) -> Dataset:
        """Rows in another order in every epoch, each drawn from a buffer of ``buffer_size``."""
        if buffer_size < 2:
            raise ValueError(f"buffer_size must be at least 2, not {buffer_size}")
        return _Made(steps.Shuffled(self, buffer_size))

    def repeat(self, count: int | None = None) -> Dataset:
        """``count`` passes in one epoch."""
        if count is None or count < 1:
            raise ValueError(f"count must be positive, not {count}; without it an epoch never ends")
        return _Made(steps.Repeated(self, count))

    def take(self, count: int = -1) -> Dataset:
        """The first ``count`` rows; all for -1."""
        return _Made(steps.Part(self, 0, None if count == -1 else count))

    def skip(self, count: int) -> Dataset:
        """All rows but the first ``count``."""
        return _Made(steps.Part(self, count, None))

    def filter(
        self,
        predicate: Callable[..., object],
        input_columns: str | Sequence[str] | None = None,
        num_parallel_workers: int | None = None,
    ) -> Dataset:
        """The rows for whose columns ``predicate`` is true."""
        return _Made(steps.Filtered(self, predicate, input_columns))

    def rename(
        self, input_columns: str | Sequence[str], output_columns: str | Sequence[str]
    ) -> Dataset:
        """Columns under other names."""
        return _Made(steps.Renamed(self, listed(input_columns), listed(output_columns)))

    def project(self, columns: str | Sequence[str]) -> Dataset:
        """Some columns, in that order."""
        return _Made(steps.Projected(self, listed(columns)))

    def concat(self, datasets: Dataset | Sequence[Dataset]) -> Dataset:
        """The rows of this dataset, then those of others."""
        others = [datasets] if isinstance(datasets, Dataset) else list(datasets)
        return _Made(steps.Joined([self, *others]))

    def __add__(self, other: Dataset) -> Dataset:
        return self.concat(other)

    def zip(self, datasets: Dataset | Sequence[Dataset]) -> Dataset:
        """The columns of this dataset next to those of others."""
        others = [datasets] if isinstance(datasets, Dataset) else list(datasets)
        return zipped([self, *others])

    def apply(self, apply_func: Callable[[Dataset], Dataset]) -> Dataset:
        """What a function makes of it."""
        return apply_func(self)

    def split(self, sizes: Sequence[int | float], randomize: bool = True) -> list[Dataset]:
        """Parts of so many rows, or of such shares; each row is in one of them."""
        return [_Made(part) for part in steps.split(self, sizes, randomize)]


class _Made(Dataset):
    """What a step makes of the rows of others."""

    def __init__(self, step: Rows) -> None:
        super().__init__(step.get_col_names())
        self._step = step

    def rows(self, epoch: int) -> Iterator[Row]:
        return self._step.rows(epoch)

    def get_dataset_size(self) -> int:
        return self._step.get_dataset_size()

    def get_batch_size(self) -> int:
        return self._step.get_batch_size()

    def get_repeat_count(self) -> int:
        return self._step.get_repeat_count()

    def num_classes(self) -> int | None:
        return self._step.num_classes()


def zipped(datasets: Sequence[Dataset]) -> Dataset:
    """Datasets side by side (mindspore.dataset.zip); the shortest decides how many rows there are.

    Raises ValueError where two have a column of one name.
    """
    return _Made(steps.Zipped(datasets))


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
