"""Progress and results of running tasks, for people."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, TextIO

from declspore.cli.output import echo
from declspore.plan.task import TaskPlan
from declspore.run.task import Result
from declspore.spelling import printable

if TYPE_CHECKING:
    from rich.progress import Progress as Bars
    from rich.progress import TaskID

_SECONDS_BETWEEN_LINES = 2.0


class Progress:
    """Results go to the output, progress to ``stream``: a bar on a terminal, else a line every
    few seconds."""

    def __init__(self, *, quiet: bool, stream: TextIO) -> None:
        self._quiet = quiet
        self._stream = stream
        self._bars: Bars | None = None
        self._bar: TaskID | None = None
        self._shown = 0.0
        self._notes: list[str] = []

    def begin(self, plan: TaskPlan) -> None:
        self.close()
        self._shown = time.monotonic()
        self._notes = []
        if self._quiet:
            return
        echo(plan.title, err=True)
        if self._stream.isatty():
            from rich.console import Console
            from rich.progress import BarColumn, TextColumn, TimeRemainingColumn
            from rich.progress import Progress as Bars

            columns = (
                BarColumn(),
                TextColumn("{task.description}", markup=False),
                TimeRemainingColumn(),
            )
            self._bars = Bars(*columns, console=Console(file=self._stream), transient=True)
            self._bars.start()
            self._bar = self._bars.add_task("", total=None)

    def progress(self, done: int, total: int, text: str) -> None:
        if self._quiet:
            return
        if self._bars is not None and self._bar is not None:
            latest = f"  {self._notes[-1]}" if self._notes else ""
            self._bars.update(
                self._bar, completed=done, total=total, description=printable(text + latest)
            )
        elif time.monotonic() - self._shown > _SECONDS_BETWEEN_LINES:
            self._shown = time.monotonic()
            echo(f"  {done * 100 // total:3}%  {text}", err=True)

    def note(self, text: str) -> None:
        self._notes.append(text)

    def end(self, result: Result) -> None:
        self.close()
        for line in result.lines():
            echo(line)

    def close(self) -> None:
        """Take the bar off the screen."""
        if self._bars is not None:
            self._bars.stop()
        self._bars = self._bar = None
