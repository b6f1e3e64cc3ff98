"""A NumPy file with the array of the only column."""

from __future__ import annotations

from collections.abc import Sequence

from declspore.checkpoint.blockfile import BlockFile
from declspore.registry.answer import AnswerColumn
from declspore.spelling import listing
from declspore.tasks.predict.writers import AnswerRows, TableFormat


class _Writer:
    def __init__(self, file: BlockFile, columns: Sequence[AnswerColumn]) -> None:
        from declspore.tasks.predict.writers.spool import Spool

        self._file = file
        self._spool = Spool(columns[0])

    def write(self, rows: AnswerRows) -> None:
        self._spool.add(rows.columns[self._spool.column.name])

    def finish(self) -> None:
        self._spool.save(self._file)

    def close(self) -> None:
        self._spool.close()


def _refusal(columns: Sequence[AnswerColumn]) -> str | None:
    if len(columns) == 1:
        return None
    return f"holds one column, there are {listing([column.name for column in columns])}"


FORMAT = TableFormat(".npy", "a NumPy file with the array of the only column", _Writer, _refusal)
