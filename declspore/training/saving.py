"""Checkpoints and states on their way to the disk, while steps continue."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from functools import partial
from typing import Protocol

from declspore.checkpoint.format import Computed
from declspore.checkpoint.writer import write_checkpoint
from declspore.dataclass import dataclass
from declspore.ir.header import HeaderEntry
from declspore.lower.optimized import storage_of
from declspore.tensor import Array, Parameter
from declspore.training.state import TrainingState, values_of


class Keeper(Protocol):
    """Keeps the state of a training where an interruption does not reach it."""

    def keep(self, state: TrainingState) -> None:
        """Keep this state instead of the one before."""


@dataclass(frozen=True)
class Work:
    """What is carried out in this order: checkpoints are written, by their paths; the state that
    knows of them is kept; then files go that it does without. ``before`` is the state to be kept
    where that fails, if there is one."""

    checkpoints: Mapping[str, Sequence[Computed]]
    state: TrainingState | None = None
    removing: Sequence[str] = ()
    before: TrainingState | None = None


class Writer:
    """Carries out work in a thread of its own, one after another. Errors come to the thread that
    asked for the work, when it next asks for something."""

    def __init__(self, keeper: Keeper | None, saved: Callable[[str], None]) -> None:
        self._keeper, self._saved = keeper, saved
        self._thread: threading.Thread | None = None
        self._work: Work | None = None
        self._error: BaseException | None = None
        self.failed: Work | None = None
        """The work whose error was raised."""
        self.kept: int | None = None
        """The step of the state that was kept last."""

    def write(self, work: Work) -> None:
        """Begin with this, once what was asked for before is done. Raises what that raised."""
        self.wait()
        self._work = work
        self._thread = threading.Thread(target=self._carry_out, args=(work,), name="saving")
        self._thread.start()

    def check(self) -> None:
        """Report what has been saved since, without waiting. Raises what the latest work raised."""
        if self._thread is not None and not self._thread.is_alive():
            self.wait()

    def wait(self) -> None:
        """Wait until nothing is being written. Raises what the latest work raised."""
        if self._thread is None or self._work is None:
            return
        self._thread.join()
        work, error = self._work, self._error
        self._thread = self._work = self._error = None
        if error is not None:
            self.failed = work
            raise error
        for path in work.checkpoints:
            self._saved(path)

    def keep(self, state: TrainingState) -> None:
        """Keep a state at once, after what was asked for before."""
        self.wait()
        self._keep(state)

    def _keep(self, state: TrainingState) -> None:
        if self._keeper is not None:
            self._keeper.keep(state)
            self.kept = state.step

    def close(self) -> None:
        """Wait, whatever became of it."""
        if self._thread is not None:
            self._thread.join()

    def _carry_out(self, work: Work) -> None:
        try:
            for path, pieces in work.checkpoints.items():
                write_checkpoint(path, pieces)
            # a checkpoint may only go once a state is safe that does without it
            if work.state is not None:
                self._keep(work.state)
            remove(work.removing)
        except BaseException as error:
            self._error = error


def remove(paths: Sequence[str]) -> None:
    """Delete files that are there."""
    for path in paths:
        with suppress(OSError):
            os.unlink(path)


def as_they_are(
    parameters: Mapping[str, Parameter],
    variables: Mapping[str, object],
    values: Mapping[str, Array],
) -> list[Computed]:
    """Parameters to be written with the values of this moment, which later steps leave alone:
    ``values`` has those of ``variables`` by the same names."""
    known = {id(variable): values[name] for name, variable in variables.items()}
    found = []
    for name, parameter in parameters.items():
        storage = storage_of(parameter)
        held = known.get(id(storage.variable))
        if held is None:
            held = values_of({name: storage.variable})[name]
        entry = HeaderEntry.of(name, storage.dtype, storage.shape)
        found.append(Computed(entry, partial(storage.of_value, held)))
    return found
