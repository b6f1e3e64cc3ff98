"""The answers of a prediction, batch by batch, into its files."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import TYPE_CHECKING

import numpy as np

from declspore.ir.tensors import Columns
from declspore.registry.answer import AnswerColumn, Answered, AnswerKind
from declspore.registry.table import vocabulary
from declspore.run import errors
from declspore.run.meter import Meter
from declspore.tasks.predict.keeper import Keeper
from declspore.tasks.predict.kind import columns_of
from declspore.tasks.predict.plan import PredictPlan
from declspore.tasks.predict.statefile import Record, Texts
from declspore.tasks.predict.writers import AnswerRows, Writer

if TYPE_CHECKING:
    from declspore.tensor import Array

_COLUMN, _INPUT, _OUTPUT, _LABEL = "column", "input", "output", "label"


class Answers:
    """Writes answers as they come, and feeds the metrics. ``samples`` is how many there were."""

    def __init__(
        self,
        plan: PredictPlan,
        writers: Sequence[Writer],
        meters: Sequence[Meter],
        files: Iterator[str] | None,
    ) -> None:
        self.samples = 0
        self._plan = plan
        self._writers = writers
        self._meters = meters
        self._files = files
        self._shown = max(saved.format.shows for saved in plan.task.saves)

    def add(self, given: Sequence[Array], data: Columns, labels: Columns, keeper: Keeper) -> None:
        """The outputs for a batch. Raises DiagnosticError where they do not fit."""
        inputs = tuple(data) if isinstance(data, tuple) else (data,)
        outputs = tuple(np.asarray(each) for each in given)
        self._feed(outputs, labels)
        rows = self._rows(inputs, outputs, labels)
        arrays: dict[str, Array] = {}
        texts: dict[str, Texts] = {}
        for name, values in rows.columns.items():
            array = np.asarray(values, dtype=object if isinstance(values, list) else None)
            if array.dtype == object:
                texts[f"{_COLUMN} {name}"] = array.tolist()
            else:
                arrays[f"{_COLUMN} {name}"] = array
        if self.samples < self._shown:
            arrays |= _named(_INPUT, inputs)
        if self._meters:
            arrays |= _named(_OUTPUT, outputs)
            arrays |= _named(_LABEL, labels if isinstance(labels, tuple) else (labels,))
        self._write(rows)
        keeper.keep(rows.count, arrays, texts)

    def again(self, record: Record) -> None:
        """A batch that was answered before."""
        if self._meters:
            outputs, labels = _all(record, _OUTPUT), _all(record, _LABEL)
            self._feed(outputs, labels[0] if len(labels) == 1 else labels)
        kept: dict[str, Array | Texts] = {**record.arrays, **record.texts}
        columns = {
            column.name: kept[f"{_COLUMN} {column.name}"] for column in self._plan.task.columns
        }
        files = self._files_of(record.count)
        self._write(AnswerRows(columns, _all(record, _INPUT), files, record.count))

    def _feed(self, outputs: tuple[Array, ...], labels: Columns) -> None:
        for meter in self._meters:
            meter.feed(outputs if len(outputs) > 1 else outputs[0], labels)

    def _files_of(self, count: int) -> list[str] | None:
        return None if self._files is None else list(islice(self._files, count))

    def _rows(
        self, inputs: tuple[Array, ...], outputs: tuple[Array, ...], labels: Columns
    ) -> AnswerRows:
        """The answers of a batch by column."""
        task, classes = self._plan.task, self._plan.classes
        size = len(inputs[0])
        given = labels if isinstance(labels, tuple) else (labels,)
        files = self._files_of(size)
        by_name = dict(zip(task.types.labels, given, strict=False))
        answered = Answered(outputs, by_name, classes, files)
        found: dict[str, Array | Texts] = {}
        for term in task.answers:
            columns: tuple[AnswerColumn, ...] = columns_of((term,), task.types, bool(classes))
            values = vocabulary().of(AnswerKind, term.word).compute(term.arguments, answered)
            found |= {column.name: value for column, value in zip(columns, values, strict=True)}
        return AnswerRows(found, inputs, files, size)

    def _write(self, rows: AnswerRows) -> None:
        for saved, writer in zip(self._plan.task.saves, self._writers, strict=True):
            try:
                writer.write(rows)
            except ValueError as error:
                raise errors.unfit_values(saved.span, saved.path, str(error), None) from None
        self.samples += rows.count


def _named(kind: str, values: Sequence[object]) -> dict[str, Array]:
    return {f"{kind} {place}": np.asarray(value) for place, value in enumerate(values)}


def _all(record: Record, kind: str) -> tuple[Array, ...]:
    """The arrays of a kind, in order."""
    names = (f"{kind} {place}" for place in range(len(record.arrays)))
    return tuple(record.arrays[name] for name in names if name in record.arrays)
