"""The state of a running prediction: what was answered before, and what is answered now."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from typing import IO, TYPE_CHECKING

from declspore.checkpoint.filebytes import Stamp
from declspore.ir.dtype import BY_NUMPY
from declspore.plan.files import open_term
from declspore.plan.loading import PlannedLoad
from declspore.report import DiagnosticError
from declspore.run.task import Reporter
from declspore.tasks.predict.continuing import continued, is_repeatable, recipe_of, refused
from declspore.tasks.predict.plan import PredictPlan
from declspore.tasks.predict.statefile import (
    Record,
    Texts,
    Unusable,
    append,
    create,
    open_state,
    packed,
    read_recipe,
    records,
    remove_state,
    state_path,
)

if TYPE_CHECKING:
    from declspore.tensor import Array

SECONDS = 5.0
"""So much work is lost at most; a prediction that takes less keeps no state."""
PENDING = 32 << 20
"""Bytes of answers that wait to be written."""


class Keeper:
    """Keeps the answers of a prediction, so that another process can continue.

    Where that fails the prediction continues without a state, which is reported.
    """

    def __init__(self, plan: PredictPlan, reporter: Reporter) -> None:
        """The checkpoint is about to be loaded."""
        self._plan = plan
        self._reporter = reporter
        self._path = state_path(plan.task.saves[0].path)
        self._keeps = is_repeatable(plan.task.network)
        self._stamp = _stamp(plan.load)
        self._file: IO[bytes] | None = None
        self._pending: list[bytes] = []
        self._size = 0
        self._last = time.monotonic()

    def kept(self) -> Iterator[Record]:
        """What an interrupted process answered, batch by batch. Raises DiagnosticError where that
        is not what this one would answer."""
        if self._plan.continued is None:
            remove_state(self._path)
            return
        task = self._plan.task
        wrong = continued(task, self._path, self._recipe())
        if wrong is not None:
            raise wrong
        try:
            self._file = open_state(self._path)
            read_recipe(self._file)
        except Unusable:  # it was removed in between
            return
        yield from records(self._file)
        self._last = time.monotonic()

    def keep(self, count: int, arrays: Mapping[str, Array], texts: Mapping[str, Texts]) -> None:
        """The answers of another batch; they are written from time to time."""
        if not self._keeps:
            return
        if any(array.dtype.name not in BY_NUMPY for array in arrays.values()):
            self._keeps = False
            return
        self._pending.append(packed(Record(count, arrays, texts)))
        self._size += len(self._pending[-1])
        if self._size >= PENDING or time.monotonic() - self._last >= SECONDS:
            self._write()

    def damaged(self) -> DiagnosticError:
        """What is kept is not of this prediction, though it says so."""
        return DiagnosticError([refused(self._plan.task, self._path, ["it is damaged"])])

    def remove(self) -> None:
        """The files are in place."""
        remove_state(self._path)

    def close(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None

    def _write(self) -> None:
        data = b"".join(self._pending)
        self._pending, self._size = [], 0
        try:
            if self._file is None:
                self._file = create(self._path, self._recipe())
            append(self._file, data)
        except (OSError, DiagnosticError) as error:
            self._keeps = False
            reason = error.strerror if isinstance(error, OSError) else "the checkpoint changed"
            self._reporter.note(f"continues without a state, {self._path}: {reason}")
        self._last = time.monotonic()

    def _recipe(self) -> Mapping[str, str]:
        """What the answers are made with. Raises OSError where the checkpoint is not the one that
        was loaded."""
        if _stamp(self._plan.load) != self._stamp:
            raise OSError(0, "the checkpoint changed")
        plan = self._plan
        return recipe_of(plan, plan.task, plan.load, plan.classes)


def _stamp(load: PlannedLoad | None) -> Stamp | None:
    if load is None:
        return None
    with open_term(load.file) as opened:
        return opened.stamp
