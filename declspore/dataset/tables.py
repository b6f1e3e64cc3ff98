"""Rows of tables as text (mindspore.dataset.CSVDataset, 2.10)."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence

import numpy as np

from declspore.dataset.files import OfFiles, Shuffle, distinct, explained, sorted_paths
from declspore.dataset.rows import Row
from declspore.ir.tensors import Array, Numbers
from declspore.numerics.files import lines_of
from declspore.numerics.shown import described


class CSVDataset(OfFiles):
    """The rows of tables as text (mindspore.dataset.CSVDataset).

    A field is of the type of its value in ``column_defaults``: int, float or str, which all are
    without. Without ``column_names`` the first line of each file has them. Rows come in random
    order unless ``shuffle`` is False, then file by file. Raises ValueError.
    """

    def __init__(
        self,
        dataset_files: str | Sequence[str],
        field_delim: str = ",",
        column_defaults: Sequence[object] | None = None,
        column_names: Sequence[str] | None = None,
        num_samples: int | None = None,
        num_parallel_workers: int | None = None,
        shuffle: bool | Shuffle | None = Shuffle.GLOBAL,
        num_shards: int | None = None,
        shard_id: int | None = None,
        cache: object = None,
    ) -> None:
        if not isinstance(field_delim, str) or len(field_delim) != 1 or field_delim in '"\r\n':
            raise ValueError(f"field_delim must be one character, not {field_delim!r}")
        paths = sorted_paths(dataset_files)
        skipped = 1 if column_names is None else 0
        self._lines = explained(lambda: lines_of(paths, quoted=True, skipped=skipped))
        self._delimiter = field_delim
        names = distinct(list(column_names or self._header(paths)))
        defaults = [""] * len(names) if column_defaults is None else list(column_defaults)
        if len(defaults) != len(names):
            raise ValueError(f"column_defaults has {len(defaults)} values for {len(names)} columns")
        self._kinds = [_kind(value) for value in defaults]
        counts = np.bincount(self._lines.files, minlength=len(paths)).tolist()
        super().__init__(names, counts, num_samples, shuffle, num_shards, shard_id)

    def _header(self, paths: Sequence[str]) -> list[str]:
        """The names that the first lines of all files have."""
        found: list[list[str]] = []
        for path in paths:
            first = explained(lambda path=path: lines_of((path,), quoted=True, skipped=0))  # type: ignore[misc]
            if not len(first):
                raise ValueError(f"{path} is empty")
            (line,) = explained(lambda first=first: first.read(np.zeros(1, np.int64)))  # type: ignore[misc]
            found.append(self._fields(line.removeprefix(b"\xef\xbb\xbf"), path))
            if found[-1] != found[0]:
                raise ValueError(f"the fields of {path} are not those of {paths[0]}")
        return found[0]

    def some(self, numbers: Numbers) -> Iterable[Row]:
        lines = explained(lambda: self._lines.read(numbers))
        return [self._row(int(n), line) for n, line in zip(numbers, lines, strict=True)]

    def _row(self, number: int, line: bytes) -> Row:
        place = self._lines.place(number)
        fields = self._fields(line, place)
        if len(fields) != len(self._kinds):
            raise ValueError(f"{place}: expected {len(self._kinds)} fields, found {len(fields)}")
        return tuple(
            _value(place, name, field, kind)
            for name, field, kind in zip(self._names, fields, self._kinds, strict=True)
        )

    def _fields(self, line: bytes, place: str) -> list[str]:
        try:
            (fields,) = csv.reader([line.decode()], delimiter=self._delimiter, strict=True)
        except (UnicodeDecodeError, csv.Error, ValueError) as error:
            raise ValueError(f"{place}: {error}") from None
        return fields


def _kind(value: object) -> type:
    for kind in (int, float, str):
        if isinstance(value, kind) and not isinstance(value, bool):
            return kind
    raise TypeError(f"column_defaults must be ints, floats and strings, not {value!r}")


def _value(place: str, name: str, field: str, kind: type) -> Array:
    """A field as an array without axes: i32, f32 or a text. Raises ValueError."""
    if kind is str:
        return np.array(field)
    dtype = np.int32 if kind is int else np.float32
    try:
        return np.array(kind(field), dtype)
    except (ValueError, OverflowError):
        raise ValueError(
            f"{place}: expected {np.dtype(dtype)} for {name}, found {described(field)}"
        ) from None
