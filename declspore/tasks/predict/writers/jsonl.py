"""Lines of JSON, an object for each sample.

JSON does not have NaN and infinity; they are the strings "NaN", "Infinity" and "-Infinity".
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any

from declspore.checkpoint.blockfile import BlockFile
from declspore.ir.tensors import Array
from declspore.registry.answer import TEXT, AnswerColumn
from declspore.spelling import of_json
from declspore.tasks.predict.writers import AnswerRows, TableFormat


class _Writer:
    def __init__(self, file: BlockFile, columns: Sequence[AnswerColumn]) -> None:
        self._file = file
        self._columns = columns

    def write(self, rows: AnswerRows) -> None:
        names = [column.name for column in self._columns]
        values = [_plain(column, rows.columns[column.name]) for column in self._columns]
        lines = (
            json.dumps(dict(zip(names, row, strict=True)), ensure_ascii=False, allow_nan=False)
            for row in zip(*values, strict=True)
        )
        self._file.write("".join(f"{line}\n" for line in lines).encode())

    def finish(self) -> None: ...

    def close(self) -> None: ...


def _plain(column: AnswerColumn, values: Array | Sequence[object]) -> list[object]:
    """Values of Python; floats with as many digits as distinguish them from their neighbours."""
    import numpy as np

    array = np.asarray(values, dtype=object if column.dtype == TEXT else None)
    if array.dtype.kind == "f":
        numbers = array.astype(str).astype(object)
        return [_each(number, _number) for number in numbers.tolist()]
    if array.dtype.kind == "V":  # bfloat16
        return [_each(number, _number) for number in array.astype(np.float32).tolist()]
    return list(array.tolist())


def _each(values: object, change: Callable[[object], object]) -> object:
    return (
        [_each(value, change) for value in values] if isinstance(values, list) else change(values)
    )


def _number(text: Any) -> object:
    return of_json(float(text))


FORMAT = TableFormat(".jsonl", "lines of JSON, an object for each sample", _Writer)
