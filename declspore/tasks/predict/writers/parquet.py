"""Parquet tables, in groups of rows of about 16 MiB."""

from __future__ import annotations

from collections.abc import Sequence

from declspore.checkpoint.blockfile import BlockFile
from declspore.ir.tensors import Ops
from declspore.registry.answer import TEXT, AnswerColumn
from declspore.tasks.predict.writers import AnswerRows, TableFormat

_GROUP = 16 << 20


class _Writer:
    def __init__(self, file: BlockFile, columns: Sequence[AnswerColumn]) -> None:
        import pyarrow as pa
        import pyarrow.parquet as pq

        self._columns = columns
        fields = [(column.name, _type(pa, column)) for column in columns]
        self._schema = pa.schema(fields)
        self._writer = pq.ParquetWriter(file, self._schema)
        self._waiting: list[pa.RecordBatch] = []
        self._bytes = 0

    def write(self, rows: AnswerRows) -> None:
        import pyarrow as pa

        arrays = [_array(pa, column, rows.columns[column.name]) for column in self._columns]
        batch = pa.record_batch(arrays, schema=self._schema)
        self._waiting.append(batch)
        self._bytes += batch.nbytes
        if self._bytes >= _GROUP:
            self._flush()

    def finish(self) -> None:
        if self._waiting:
            self._flush()
        self._writer.close()

    def close(self) -> None:
        self._waiting = []

    def _flush(self) -> None:
        import pyarrow as pa

        self._writer.write_table(pa.Table.from_batches(self._waiting).combine_chunks())
        self._waiting, self._bytes = [], 0


def _type(pa: Ops, column: AnswerColumn) -> object:
    """The element type, in a list for each axis."""
    found = pa.string() if column.dtype == TEXT else pa.from_numpy_dtype(_stored(column.dtype))
    for _ in column.shape:
        found = pa.list_(found)
    return found


def _stored(dtype: str) -> str:
    """Parquet does not have bfloat16, whose values float32 holds exactly."""
    return "float32" if dtype == "bfloat16" else dtype


def _array(pa: Ops, column: AnswerColumn, values: object) -> object:
    """Nested lists are made of the flat values and their offsets, without objects of Python."""
    import numpy as np

    is_text = column.dtype == TEXT
    array = np.asarray(values, dtype=object if is_text else _stored(column.dtype))
    found = pa.array(array.reshape(-1), type=pa.string() if is_text else None)
    for axis in reversed(range(1, array.ndim)):
        size = array.shape[axis]
        count = int(np.prod(array.shape[:axis]))
        offsets = np.arange(count + 1, dtype=np.int32) * size
        found = pa.ListArray.from_arrays(offsets, found)
    return found


FORMAT = TableFormat(".parquet", "a Parquet table", _Writer, module="pyarrow", extra="parquet")
