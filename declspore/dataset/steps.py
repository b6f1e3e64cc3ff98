"""What each call on a dataset does to its rows."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain, islice

import numpy as np

from declspore.dataset.config import chance
from declspore.dataset.operations import apply_all
from declspore.dataset.padded import PadInfo, filled, in_buckets
from declspore.dataset.rows import Row, Rows, listed
from declspore.ir.tensors import Array

_GROUP = 256
"""Rows that transforms work on at once."""


def _groups(rows: Iterator[Row]) -> Iterator[list[Row]]:
    while group := list(islice(rows, _GROUP)):
        yield group


class Mapped(Rows):
    """Operations applied to columns."""

    def __init__(
        self,
        parent: Rows,
        operations: list[Callable[..., object]],
        given: str | Sequence[str] | None,
        made: str | Sequence[str] | None,
    ) -> None:
        names = parent.get_col_names()
        self._inputs = [names[0]] if given is None else listed(given)
        self._outputs = self._inputs if made is None else listed(made)
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


class Batched(Rows):
    """Rows of several rows each, columns stacked or filled up."""

    def __init__(
        self, parent: Rows, size: int, drops: bool, pad_info: PadInfo | None = None
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


class Bucketed(Batched):
    """Batches of rows of about one length."""

    def __init__(
        self,
        parent: Rows,
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


class Shuffled(Rows):
    """Rows in another order, each drawn from a buffer."""

    def __init__(self, parent: Rows, size: int) -> None:
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


class Repeated(Rows):
    """Several passes as one epoch."""

    def __init__(self, parent: Rows, count: int) -> None:
        super().__init__(parent.get_col_names(), [parent])
        self._count = count

    def rows(self, epoch: int) -> Iterator[Row]:
        for number in range(self._count):
            yield from self._parents[0].rows(epoch * self._count + number)

    def get_dataset_size(self) -> int:
        return self._count * self._parents[0].get_dataset_size()

    def get_repeat_count(self) -> int:
        return self._count * self._parents[0].get_repeat_count()


class Part(Rows):
    """Some rows in a row."""

    def __init__(self, parent: Rows, start: int, count: int | None) -> None:
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


class Filtered(Rows):
    """The rows for which a function is true."""

    def __init__(
        self, parent: Rows, predicate: Callable[..., object], given: str | Sequence[str] | None
    ) -> None:
        names = parent.get_col_names()
        super().__init__(names, [parent])
        chosen = names if given is None else listed(given)
        self._places, self._predicate = [self.place_of(name) for name in chosen], predicate

    def rows(self, epoch: int) -> Iterator[Row]:
        for row in self._parents[0].rows(epoch):
            if bool(self._predicate(*(row[place] for place in self._places))):
                yield row


class Renamed(Rows):
    """Columns under other names."""

    def __init__(self, parent: Rows, given: list[str], made: list[str]) -> None:
        for name in given:
            parent.place_of(name)
        if len(given) != len(made):
            raise ValueError(f"{len(given)} columns are renamed to {len(made)} names")
        super().__init__(_replaced_names(parent.get_col_names(), given, made), [parent])

    def rows(self, epoch: int) -> Iterator[Row]:
        return self._parents[0].rows(epoch)

    def get_dataset_size(self) -> int:
        return self._parents[0].get_dataset_size()


class Projected(Rows):
    """Some columns."""

    def __init__(self, parent: Rows, columns: list[str]) -> None:
        self._places = [parent.place_of(name) for name in columns]
        super().__init__(columns, [parent])

    def rows(self, epoch: int) -> Iterator[Row]:
        for row in self._parents[0].rows(epoch):
            yield tuple(row[place] for place in self._places)

    def get_dataset_size(self) -> int:
        return self._parents[0].get_dataset_size()


class Joined(Rows):
    """The rows of several datasets, one after another."""

    def __init__(self, parents: Sequence[Rows]) -> None:
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


class Zipped(Rows):
    """Datasets side by side (mindspore.dataset.zip); the shortest decides how many rows there are.

    Raises ValueError where two have a column of one name.
    """

    def __init__(self, parents: Sequence[Rows]) -> None:
        names = [name for parent in parents for name in parent.get_col_names()]
        if len(set(names)) < len(names):
            raise ValueError(f"two of the datasets have a column of one name: {', '.join(names)}")
        super().__init__(names, parents)

    def rows(self, epoch: int) -> Iterator[Row]:
        for rows in zip(*(parent.rows(epoch) for parent in self._parents), strict=False):
            yield tuple(value for row in rows for value in row)

    def get_dataset_size(self) -> int:
        return min(parent.get_dataset_size() for parent in self._parents)


class Kept(Rows):
    """Some rows of another dataset, by place."""

    def __init__(self, parent: Rows, places: Iterable[int]) -> None:
        super().__init__(parent.get_col_names(), [parent])
        self._chosen = list(places)

    def rows(self, epoch: int) -> Iterator[Row]:
        every = list(self._parents[0].rows(0))
        return (every[place] for place in self._chosen)

    def get_dataset_size(self) -> int:
        return len(self._chosen)


def split(rows: Rows, sizes: Sequence[int | float], randomize: bool) -> list[Rows]:
    """Parts of so many rows, or of such shares. Raises ValueError where rows are left over."""
    total = rows.get_dataset_size()
    counts = [round(size * total) if isinstance(size, float) else size for size in sizes]
    if any(isinstance(size, float) for size in sizes):
        counts[0] += total - sum(counts)
    if sum(counts) != total or min(counts) < 1:
        raise ValueError(f"the dataset has {total} rows, the parts {counts}")
    order = chance("split", 0).permutation(total) if randomize else np.arange(total)
    ends = np.cumsum(counts)
    return [Kept(rows, order[end - n : end]) for end, n in zip(ends, counts, strict=True)]
