"""Progress and results of running tasks, for people."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, TextIO

from declspore.cli.output import echo, print_json_line
from declspore.plan.task import TaskPlan
from declspore.run.task import Result
from declspore.spelling import printable

if TYPE_CHECKING:
    from rich.progress import Progress as Bars
    from rich.progress import TaskID

_SECONDS_BETWEEN_LINES = 2.0


class Progress:
    """Results go to the output, progress and notes to ``stream``: a bar on a terminal, else a line
    every few seconds."""

    def __init__(self, *, quiet: bool, stream: TextIO) -> None:
        self.is_quiet = quiet
        self._stream = stream
        self._bars: Bars | None = None
        self._bar: TaskID | None = None
        self._shown = 0.0

    def begin(self, plan: TaskPlan) -> None:
        self.close()
        self._shown = time.monotonic()
        if self.is_quiet:
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

    def progress(
        self, done: int, total: int, text: str, numbers: Mapping[str, float] | None = None
    ) -> None:
        if self.is_quiet:
            return
        if self._bars is not None and self._bar is not None:
            self._bars.update(self._bar, completed=done, total=total, description=printable(text))
        elif time.monotonic() - self._shown > _SECONDS_BETWEEN_LINES:
            self._shown = time.monotonic()
            echo(f"  {done * 100 // total:3}%  {text}", err=True)

    def note(self, text: str) -> None:
        """A line that stays: above the bar on a terminal."""
        if self.is_quiet:
            return
        if self._bars is not None:
            self._bars.console.print(
                f"  {printable(text)}", markup=False, highlight=False, soft_wrap=True
            )
        else:
            echo(f"  {text}", err=True)

    def end(self, result: Result) -> None:
        self.close()
        for line in result.lines():
            echo(line)

    def close(self) -> None:
        """Take the bar off the screen."""
        if self._bars is not None:
            self._bars.stop()
        self._bars = self._bar = None


class Noted:
    """Shows nothing, and remembers the notes of each task, for programs."""

    def __init__(self) -> None:
        self.notes: dict[str, list[str]] = {}
        self._task = ""

    def begin(self, plan: TaskPlan) -> None:
        self._task = plan.task.name

    def progress(
        self, done: int, total: int, text: str, numbers: Mapping[str, float] | None = None
    ) -> None:
        pass

    def note(self, text: str) -> None:
        self.notes.setdefault(self._task, []).append(text)

    def end(self, result: Result) -> None:
        pass


class Lines(Noted):
    """Prints an object of JSON on a line of its own for everything that happens."""

    def begin(self, plan: TaskPlan) -> None:
        super().begin(plan)
        print_json_line({"event": "begin", "task": self._task, "kind": plan.task.kind.name})

    def progress(
        self, done: int, total: int, text: str, numbers: Mapping[str, float] | None = None
    ) -> None:
        place = {"done": done, "total": total or None}
        own = {"event": "progress", "task": self._task, **place, **(numbers or {})}
        print_json_line(own if numbers else {**own, "text": text})

    def note(self, text: str) -> None:
        super().note(text)
        print_json_line({"event": "note", "task": self._task, "text": text})

    def end(self, result: Result) -> None:
        print_json_line({"event": "end", **result.facts()})
