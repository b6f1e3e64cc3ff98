"""NumPy archives: an array for each column."""

from __future__ import annotations

import zipfile
from collections.abc import Sequence

from declspore.checkpoint.blockfile import BlockFile
from declspore.registry.answer import AnswerColumn
from declspore.tasks.predict.writers import AnswerRows, TableFormat

_EPOCH = (1980, 1, 1, 0, 0, 0)


class _Writer:
    def __init__(self, file: BlockFile, columns: Sequence[AnswerColumn]) -> None:
        from declspore.tasks.predict.writers.spool import Spool

        self._file = file
        self._spools = [Spool(column) for column in columns]

    def write(self, rows: AnswerRows) -> None:
        for spool in self._spools:
            spool.add(rows.columns[spool.column.name])

    def finish(self) -> None:
        with zipfile.ZipFile(self._file, "w", zipfile.ZIP_STORED) as archive:
            for spool in self._spools:
                member = zipfile.ZipInfo(f"{spool.column.name}.npy", _EPOCH)
                with archive.open(member, "w", force_zip64=True) as target:
                    spool.save(target)

    def close(self) -> None:
        for spool in self._spools:
            spool.close()


FORMAT = TableFormat(".npz", "a NumPy archive with an array for each column", _Writer)
