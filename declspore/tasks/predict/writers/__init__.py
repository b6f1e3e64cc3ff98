"""Files of answers: a format is one module, found by its suffix."""

from __future__ import annotations

import importlib
import os
import pkgutil
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Protocol

from declspore.checkpoint.blockfile import BlockFile
from declspore.dataclass import dataclass
from declspore.ir.tensors import Array
from declspore.registry.answer import AnswerColumn


@dataclass(frozen=True)
class AnswerRows:
    """The answers of a batch.

    ``columns`` holds an array or a list of strings for each column, ``inputs`` what entered the
    network (for pages that show it), ``files`` the files of the samples where they are known.
    """

    columns: Mapping[str, Array | Sequence[object]]
    inputs: tuple[Array, ...]
    files: Sequence[str] | None
    count: int


class Writer(Protocol):
    """Writes batches of answers into a file as they come, in bounded memory."""

    def write(self, rows: AnswerRows) -> None: ...

    def finish(self) -> None:
        """Write what ends the file."""

    def close(self) -> None:
        """Free what it holds, whether the file was finished or not."""


def _takes_all(columns: Sequence[AnswerColumn]) -> str | None:
    return None


@dataclass(frozen=True)
class TableFormat:
    """A format of answers.

    ``refusal(columns)`` says why columns cannot be written in it, or is None. ``module`` is a
    package it needs beyond declspore's own, which the extra of that name installs.
    ``open(file, columns)`` gives the writer. ``shows`` is of how many samples it shows what entered
    the network; it is not given that of others when a prediction is continued.
    """

    suffix: str
    summary: str
    open: Callable[[BlockFile, Sequence[AnswerColumn]], Writer]
    refusal: Callable[[Sequence[AnswerColumn]], str | None] = _takes_all
    module: str | None = None
    extra: str | None = None
    shows: int = 0


@cache
def table_formats() -> dict[str, TableFormat]:
    """Every format by its suffix."""
    found = {}
    for info in pkgutil.iter_modules(__path__):
        module = importlib.import_module(f"{__name__}.{info.name}")
        format_: TableFormat | None = getattr(module, "FORMAT", None)
        if format_ is not None:
            found[format_.suffix] = format_
    return found


def format_of(path: str) -> TableFormat | None:
    """The format that a path names by its suffix."""
    return table_formats().get(os.path.splitext(path)[1].lower())


def static_shape(column: AnswerColumn) -> tuple[int, ...] | None:
    """The sizes of a column, or None where one is known only once the samples are read."""
    sizes = tuple(size for size in column.shape if isinstance(size, int))
    return sizes if len(sizes) == len(column.shape) else None
