"""Tables of comma-separated values (RFC 4180), UTF-8, with a line of names first."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence

from declspore.checkpoint.blockfile import BlockFile
from declspore.registry.answer import TEXT, AnswerColumn
from declspore.tasks.predict.writers import AnswerRows, TableFormat, static_shape


def _refusal(columns: Sequence[AnswerColumn]) -> str | None:
    for column in columns:
        shape = static_shape(column)
        if shape is None or len(shape) > 1:
            return f"holds numbers, strings and lists of a known length; found {column}"
    return None


class _Writer:
    def __init__(self, file: BlockFile, columns: Sequence[AnswerColumn]) -> None:
        self._file = file
        self._columns = columns
        names = [name for column in columns for name in _names(column)]
        self._put([names])

    def write(self, rows: AnswerRows) -> None:
        parts = [_fields(column, rows.columns[column.name]) for column in self._columns]
        self._put([[field for part in line for field in part] for line in zip(*parts, strict=True)])

    def finish(self) -> None: ...

    def close(self) -> None: ...

    def _put(self, lines: Sequence[Sequence[str]]) -> None:
        text = io.StringIO()
        csv.writer(text, lineterminator="\r\n").writerows(lines)
        self._file.write(text.getvalue().encode())


def _names(column: AnswerColumn) -> list[str]:
    shape = static_shape(column)
    return [f"{column.name}_{i}" for i in range(shape[0])] if shape else [column.name]


def _fields(column: AnswerColumn, values: object) -> list[list[str]]:
    """The fields of each row; floats with as many digits as distinguish them from their
    neighbours."""
    import numpy as np

    array = np.asarray(values, dtype=object if column.dtype == TEXT else None)
    texts = array.astype(str)
    rows: list[list[str]] = texts.reshape(len(array), -1).tolist()
    return rows


FORMAT = TableFormat(".csv", "comma-separated values with a line of names", _Writer, _refusal)
