"""Rows of record files (mindspore.dataset.TFRecordDataset and MindDataset, 2.10)."""

from __future__ import annotations

import struct
from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from declspore.dataset.files import (
    OfFiles,
    Shuffle,
    as_given,
    distinct,
    explained,
    sorted_paths,
)
from declspore.dataset.rows import Row
from declspore.dataset.schema import Schema
from declspore.ir.tensors import Array, Numbers
from declspore.numerics.columns import RowsOfFiles, fills
from declspore.numerics.schema import each_column, json_of
from declspore.porting.names import Unsupported
from declspore.sources.mindrecord import files_of_set, shards_of
from declspore.sources.tfrecord import records_of

Shape = tuple[int, ...] | None
"""Sizes, of which one may be -1; None: one axis of any size."""


class TFRecordDataset(OfFiles):
    """The examples of TFRecord files, plain or compressed (mindspore.dataset.TFRecordDataset).

    Columns are those of ``schema``, a Schema or the path of one, else those of the first record by
    name; ``columns_list`` chooses some, in its order. Rows come in random order unless ``shuffle``
    is False, then file by file. Raises ValueError.
    """

    def __init__(
        self,
        dataset_files: str | Sequence[str],
        schema: Schema | str | None = None,
        columns_list: Sequence[str] | None = None,
        num_samples: int | None = None,
        num_parallel_workers: int | None = None,
        shuffle: bool | Shuffle | None = Shuffle.GLOBAL,
        num_shards: int | None = None,
        shard_id: int | None = None,
        shard_equal_rows: bool = False,
        cache: object = None,
        compression_type: str | None = None,
    ) -> None:
        if compression_type not in (None, "", "GZIP", "ZLIB"):
            raise ValueError(
                f"compression_type must be '', 'GZIP' or 'ZLIB', not {compression_type!r}"
            )
        if schema is not None and not isinstance(schema, Schema | str):
            raise TypeError(f"schema must be a Schema or a path, not {type(schema).__name__}")
        paths = sorted_paths(dataset_files)
        files = explained(lambda: records_of(paths))
        empty = [file.path for file in files if not len(file)]
        if empty:
            raise ValueError(f"{empty[0]} does not have a record")
        self._records = RowsOfFiles(files, (), "record")
        self._stated = _schema(schema)
        if self._stated is None:
            every = sorted(explained(lambda: self._records.row(0)))
        else:
            every = [name for name, _, _ in self._stated.columns]
            num_samples = num_samples or self._stated.num_rows
        names = _chosen(columns_list, every, paths[0] if schema is None else "the schema")
        by_files = num_shards is not None and not shard_equal_rows
        counts = [len(file) for file in files]
        super().__init__(
            names, counts, num_samples, shuffle, num_shards, shard_id, by_files=by_files
        )

    def some(self, numbers: Numbers) -> Iterable[Row]:
        return [self._row(number) for number in numbers.tolist()]

    def _row(self, number: int) -> Row:
        found = explained(lambda: self._records.row(number))
        place = self._records.place(number)
        types = {} if self._stated is None else {n: (t, s) for n, t, s in self._stated.columns}
        return tuple(
            _feature(place, name, found, *types.get(name, (None, None))) for name in self._names
        )


def _schema(given: Schema | str | None) -> Schema | None:
    """The schema; in a file a column without a shape has one axis, unless its rank is 0."""
    if not isinstance(given, str):
        if given is not None and not given.columns:
            raise ValueError("the schema does not have a column")
        return given
    found = Schema(given)
    about = dict(explained(lambda: list(each_column(given, json_of(given).get("columns")))))
    found.columns = [
        (
            name,
            dtype,
            None if "shape" not in about[name] and about[name].get("rank") != 0 else shape,
        )
        for name, dtype, shape in found.columns
    ]
    return found


def _chosen(given: Sequence[str] | None, every: Sequence[str], where: str) -> list[str]:
    if given is not None and not isinstance(given, list | tuple):
        raise TypeError(f"columns_list must be a list of names, not {given!r}")
    names = list(given or every)
    for name in names:
        if name not in every:
            raise ValueError(
                f"{where} does not have the column {name!r}; there are {', '.join(every)}"
            )
    return distinct(names)


def _feature(
    place: str, name: str, found: Mapping[str, object], dtype: str | None, shape: Shape
) -> Array:
    """A feature in the type and shape of its column. Raises ValueError."""
    if name not in found:
        raise ValueError(f"{place} does not have {name!r}")
    value = found[name]
    if isinstance(value, list):
        values = _texts(value) if dtype == "string" else _octets(value)
    else:
        values = np.asarray(value)
    if dtype not in (None, "string"):
        if isinstance(value, list) and dtype not in ("uint8", "int8"):
            raise ValueError(f"{place}: {name} has bytes, the schema states {dtype}")
        values = _cast(f"{place}: {name}", values, dtype)
    elif dtype == "string" and not isinstance(value, list):
        raise ValueError(f"{place}: {name} has numbers, the schema states string")
    if shape is None:
        return values
    if not fills(values.size, shape):
        raise ValueError(
            f"{place}: {name} has {values.size} values, the schema states {list(shape)}"
        )
    return values.reshape(shape)


def _cast(what: str, values: Array, dtype: str | None) -> Array:
    """Numbers in another type: integers exactly, floats to its precision. Raises ValueError."""
    with np.errstate(all="ignore"):
        found = values.astype(dtype)
    kept = values.dtype.kind == "f" and found.dtype.kind == "f"
    if not kept and not (found.dtype.kind in "biuf" and np.array_equal(found, values)):
        raise ValueError(f"{what} has {values.dtype} values that do not fit into {dtype}")
    return found


def _texts(values: Sequence[bytes]) -> Array:
    """Texts; what is not UTF-8 stays bytes."""
    try:
        return np.array([value.decode() for value in values])
    except UnicodeDecodeError:
        found = np.empty(len(values), object)
        found[:] = values
        return found


def _octets(values: Sequence[bytes]) -> Array:
    """The bytes of several texts, each filled up with blanks to the length of the longest."""
    longest = max(map(len, values), default=0)
    return np.frombuffer(b"".join(value.ljust(longest) for value in values), np.uint8)


class MindDataset(OfFiles):
    """The rows of MindRecord files (mindspore.dataset.MindDataset); of a single file of a set those
    of all. ``columns_list`` chooses columns, in its order; else all come by name. Bytes come as
    u8[N]. Rows come in random order unless ``shuffle`` is False. Raises ValueError."""

    def __init__(
        self,
        dataset_files: str | Sequence[str],
        columns_list: Sequence[str] | None = None,
        num_parallel_workers: int | None = None,
        shuffle: bool | Shuffle | None = None,
        num_shards: int | None = None,
        shard_id: int | None = None,
        sampler: Iterable[int] | None = None,
        padded_sample: Mapping[str, object] | None = None,
        num_padded: int | None = None,
        num_samples: int | None = None,
        cache: object = None,
    ) -> None:
        if padded_sample is not None or num_padded is not None:
            raise Unsupported("MindDataset(padded_sample)", "use concat with rows of your own")
        paths = explained(lambda: files_of_set(as_given(dataset_files)))
        shards = explained(lambda: shards_of(paths))
        self._rows = RowsOfFiles(shards, (), "row")
        self._fields = shards[0].fields
        for shard in shards[1:]:
            if shard.fields != self._fields:
                raise ValueError(f"the columns of {shard.path} are not those of {paths[0]}")
        names = _chosen(columns_list, sorted(self._fields), paths[0])
        counts = [len(shard) for shard in shards]
        super().__init__(names, counts, num_samples, shuffle, num_shards, shard_id, sampler)

    def some(self, numbers: Numbers) -> Iterable[Row]:
        return [self._row(number) for number in numbers.tolist()]

    def _row(self, number: int) -> Row:
        found = explained(lambda: self._rows.row(number))
        try:
            return tuple(self._value(name, found[name]) for name in self._names)
        except (KeyError, ValueError, TypeError, struct.error) as error:
            raise ValueError(f"{self._rows.place(number)} is damaged: {error}") from None

    def _value(self, name: str, value: object) -> Array:
        if isinstance(value, bytes):
            return np.frombuffer(value, np.uint8)
        if isinstance(value, str):
            return np.array(value)
        return np.asarray(value, self._fields[name].dtype.as_numpy())
