"""Arrays that grow along their first axis on disk, and the NumPy file of one."""

from __future__ import annotations

import io
import shutil
import tempfile
from typing import IO, Any

import numpy as np

from declspore.registry.answer import TEXT, AnswerColumn

_COPY = 1 << 20


class Spool:
    """The rows of a column in a temporary file."""

    def __init__(self, column: AnswerColumn) -> None:
        self.column = column
        self._file = tempfile.TemporaryFile()  # noqa: SIM115 - lives as long as the writer
        self._shape: tuple[int, ...] | None = None
        self._dtype: np.dtype[Any] | None = None
        self._longest = 1
        self._lengths: list[int] = []
        self.rows = 0

    def add(self, values: object) -> None:
        """Raises ValueError where values have another shape than those before."""
        is_text = self.column.dtype == TEXT
        array = np.asarray(values, dtype=object if is_text else None)
        if self._shape is None:
            self._shape, self._dtype = array.shape[1:], array.dtype
        elif self._shape != array.shape[1:]:
            raise ValueError(
                f"the samples of `{self.column.name}` differ in shape: "
                f"{list(self._shape)} and {list(array.shape[1:])}"
            )
        self.rows += len(array)
        if not is_text:
            self._file.write(np.ascontiguousarray(array).data)
            return
        for text in map(str, array.reshape(-1)):
            self._longest = max(self._longest, len(text))
            data = text.encode()
            self._file.write(len(data).to_bytes(4, "little") + data)

    def save(self, target: IO[bytes]) -> None:
        """Write the whole column as a NumPy file."""
        shape = (self.rows, *(self._shape or ()))
        is_text = self.column.dtype == TEXT
        dtype = np.dtype(f"<U{self._longest}") if is_text else np.dtype(self._dtype or np.float32)
        header = io.BytesIO()
        described = {"descr": np.lib.format.dtype_to_descr(dtype), "fortran_order": False}
        np.lib.format.write_array_header_1_0(header, {**described, "shape": shape})
        target.write(header.getvalue())
        self._file.seek(0)
        if not is_text:
            shutil.copyfileobj(self._file, target, _COPY)
            return
        while length := self._file.read(4):
            text = self._file.read(int.from_bytes(length, "little")).decode()
            target.write(text.encode("utf-32-le").ljust(dtype.itemsize, b"\0"))

    def close(self) -> None:
        self._file.close()
