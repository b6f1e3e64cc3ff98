"""Parquet and Arrow files, and folders that Hugging Face's ``save_to_disk`` writes (pyarrow)."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Sequence
from types import ModuleType
from typing import TYPE_CHECKING, Any

from declspore.dataclass import dataclass
from declspore.ir.tensors import Array, Numbers
from declspore.ir.term import Arguments
from declspore.numerics.columns import (
    DATA,
    LABELS,
    check_names,
    classes_of,
    columns_of,
    element_of,
    stacked,
)
from declspore.numerics.files import PATHS, paths_of, remembered
from declspore.registry.data import Column, SourceKind, Unavailable
from declspore.registry.signature import Argument, signature
from declspore.regular import read_small
from declspore.untrusted_json import MALFORMED, parsed

_LARGEST_STATE = 1 << 26

if TYPE_CHECKING:
    import pyarrow as pa


def _pyarrow() -> ModuleType:
    try:
        import pyarrow as pa
    except ImportError:
        raise Unavailable(
            "reading Parquet and Arrow needs pyarrow, which is not installed",
            "pip install 'declspore[parquet]'",
        ) from None
    return pa


@dataclass(frozen=True)
class _Tables:
    """Tables one after the other, each mapped from its file."""

    paths: tuple[str, ...]
    tables: tuple[pa.Table, ...]
    columns: tuple[Column, ...]

    def __len__(self) -> int:
        return sum(table.num_rows for table in self.tables)

    def rows(self, items: Numbers) -> tuple[Array, ...]:
        numbers = items.tolist()
        wheres = [self._where(number) for number in numbers]
        names = [column.name for column in self.columns]
        found: list[dict[str, object]] = [{}] * len(numbers)
        for index in sorted({table for table, _ in wheres}):
            mine = [place for place, (table, _) in enumerate(wheres) if table == index]
            part = self.tables[index].select(names).take([wheres[place][1] for place in mine])
            values = {name: part.column(name).to_pylist() for name in names}
            for row, place in enumerate(mine):
                found[place] = {name: values[name][row] for name in names}

        def place_of(row: int) -> str:
            return self.place(numbers[row])

        return tuple(
            stacked([_plain(row[column.name]) for row in found], column, place_of)
            for column in self.columns
        )

    def place(self, item: int) -> str:
        table, row = self._where(item)
        return f"{self.paths[table]}, row {row + 1}"

    def _where(self, item: int) -> tuple[int, int]:
        for index, table in enumerate(self.tables):
            if item < table.num_rows:
                return index, item
            item -= table.num_rows
        raise IndexError(item)


def _plain(value: object) -> object:
    """A picture of Hugging Face is its bytes and its path."""
    if isinstance(value, dict) and "bytes" in value:
        return value["bytes"]
    return value


def _opened(paths: tuple[str, ...]) -> tuple[pa.Table, ...]:
    pyarrow = _pyarrow()
    found = []
    for path in paths:
        try:
            found.append(_table(pyarrow, path))
        except (pyarrow.ArrowException, OSError, ValueError) as error:
            reason = str(error).splitlines()[0]
            raise Unavailable(f"{path} cannot be read: {reason}") from None
    return tuple(found)


_remembered = remembered(_opened)
_AT_ONCE = 1 << 10
"""Rows of Parquet that are unpacked at once: a text of a dictionary may come in each."""


def _table(pyarrow: ModuleType, path: str) -> pa.Table:
    """The table of a file, mapped. Parquet is unpacked into an Arrow file without a name, a group
    of rows at a time, since its rows cannot be read one by one."""
    if not path.endswith(".parquet"):
        source = pyarrow.memory_map(path)
        try:
            return pyarrow.ipc.open_stream(source).read_all()
        except pyarrow.ArrowInvalid:
            return pyarrow.ipc.open_file(pyarrow.memory_map(path)).read_all()
    from pyarrow import parquet

    with tempfile.NamedTemporaryFile(suffix=".arrow") as unpacked:
        file = parquet.ParquetFile(path)
        most = shutil.disk_usage(tempfile.gettempdir()).free // 2
        with pyarrow.ipc.new_stream(unpacked.name, file.schema_arrow) as writer:
            for batch in file.iter_batches(_AT_ONCE):
                writer.write_batch(batch)
                if os.path.getsize(unpacked.name) > most:
                    raise ValueError(f"it unpacks to more than {most:,} bytes")
        return pyarrow.ipc.open_stream(pyarrow.memory_map(unpacked.name)).read_all()


def _open(a: Arguments) -> _Tables:
    paths, columns = _files(a), columns_of(a)
    tables = _remembered(paths)
    for path, table in zip(paths, tables, strict=True):
        try:
            names = tuple(table.schema.names)
        except UnicodeDecodeError:
            raise Unavailable(f"{path} has a column whose name is not UTF-8") from None
        check_names(path, columns, names)
    found = _Tables(paths, tables, columns)
    first = 0
    for table in tables:
        if table.num_rows:
            import numpy as np

            found.rows(np.asarray([first]))
        first += table.num_rows
    if not first:
        raise Unavailable(f"{paths[0]} does not have a row")
    return found


def _files(a: Arguments) -> tuple[str, ...]:
    folder = a.dataset_files
    if not isinstance(folder, str) or not os.path.isdir(folder):
        return paths_of(folder)
    if os.path.exists(os.path.join(folder, "dataset_dict.json")):
        splits = _json(folder, "dataset_dict.json").get("splits")
        names = list(map(str, splits)) if isinstance(splits, list) else []
        raise Unavailable(
            f"{folder} holds several parts: {', '.join(names)}",
            f'"{os.path.join(folder, names[0])}" is one of them' if names else None,
        )
    listed = _json(folder, "state.json").get("_data_files", [])
    try:
        names = [os.path.basename(each["filename"]) for each in listed]
    except MALFORMED as error:
        state = os.path.join(folder, "state.json")
        raise Unavailable(f"{state} does not list the files of a dataset: {error}") from None
    files = [os.path.join(folder, name) for name in names]
    return paths_of(tuple(files))


def _json(folder: str, name: str) -> dict[str, Any]:
    path = os.path.join(folder, name)
    try:
        found = parsed(read_small(path, _LARGEST_STATE))
    except (OSError, ValueError) as error:
        raise Unavailable(
            f"{path} cannot be read: {getattr(error, 'strerror', None) or error}",
            "save_to_disk writes such a folder",
        ) from None
    return found if isinstance(found, dict) else {}


def _classes(a: Arguments) -> Sequence[str]:
    """The names that Hugging Face keeps of a label that is a class."""
    folder = a.dataset_files
    if not isinstance(folder, str) or not os.path.isdir(folder) or len(a.labels) != 1:
        return ()
    features = _json(folder, "dataset_info.json").get("features", {})
    label = features.get(a.labels[0].arguments.name) if isinstance(features, dict) else None
    names = label.get("names") if isinstance(label, dict) else None
    return tuple(map(str, names)) if isinstance(names, list) else ()


def _kind(name: str, help: str, summary: str, example: str) -> SourceKind:
    return SourceKind(
        name=name,
        signature=signature(Argument("dataset_files", PATHS, help=help), DATA, LABELS),
        summary=summary,
        example=example,
        element=element_of,
        size=lambda a: len(_open(a)),
        open=_open,
        files=_files,
        classes=lambda a: classes_of(a) or tuple(_classes(a)),
    )


KINDS = (
    _kind(
        "Parquet",
        "a path or several, with * for any part",
        "The rows of Parquet files.",
        'Parquet("train-*.parquet", [Column("text", dtype = str)], [Column("label", dtype = i64)])',
    ),
    _kind(
        "Arrow",
        "a path or several, or a folder that save_to_disk wrote",
        "The rows of Arrow files, or of a dataset that Hugging Face's `save_to_disk` wrote.",
        'Arrow("imdb/train", [Column("text", dtype = str)], [Column("label", dtype = i64)])',
    ),
)
