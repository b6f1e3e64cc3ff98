"""Progress and results of running tasks, for people."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, TextIO

import click

from declspore.cli.output import files, size
from declspore.plan.plan import EvalPlan, PlannedEdit, TaskPlan, TrainPlan
from declspore.run.report import Edited, Evaluated, Result, Trained
from declspore.spelling import count

if TYPE_CHECKING:
    from rich.progress import Progress as Bars
    from rich.progress import TaskID

_SECONDS_BETWEEN_LINES = 2.0
_PAST = {
    "add": "added",
    "copy": "copied",
    "delete": "deleted",
    "join": "joined",
    "rename": "renamed",
    "set": "set",
    "split": "split off",
    "keep": "kept",
}


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
        click.echo(_title(plan), err=True)
        if self._stream.isatty():
            from rich.console import Console
            from rich.progress import BarColumn, TextColumn, TimeRemainingColumn
            from rich.progress import Progress as Bars

            columns = (BarColumn(), TextColumn("{task.description}"), TimeRemainingColumn())
            self._bars = Bars(*columns, console=Console(file=self._stream), transient=True)
            self._bars.start()
            self._bar = self._bars.add_task("", total=None)

    def progress(self, done: int, total: int, text: str) -> None:
        if self._quiet:
            return
        if self._bars is not None and self._bar is not None:
            latest = f"  {self._notes[-1]}" if self._notes else ""
            self._bars.update(self._bar, completed=done, total=total, description=text + latest)
        elif time.monotonic() - self._shown > _SECONDS_BETWEEN_LINES:
            self._shown = time.monotonic()
            click.echo(f"  {done * 100 // total:3}%  {text}", err=True)

    def note(self, text: str) -> None:
        self._notes.append(text)

    def end(self, result: Result) -> None:
        self.close()
        for line in result_lines(result):
            click.echo(line)

    def close(self) -> None:
        """Take the bar off the screen."""
        if self._bars is not None:
            self._bars.stop()
        self._bars = self._bar = None


def _title(plan: TaskPlan) -> str:
    match plan:
        case TrainPlan(task=task, schedule=schedule):
            return (
                f"train {task.name}: {task.network.name}, {plan.samples:,} samples, "
                f"{count(schedule.steps, 'step')} in {count(schedule.epochs, 'epoch')}"
            )
        case EvalPlan(task=task):
            return (
                f"eval {task.name}: {task.network.name}, {count(plan.batches, 'batch', 'batches')}"
            )
        case PlannedEdit(task=task):
            inputs = [path for paths in plan.paths.values() for path in paths]
            return f"edit {task.name}: {files(inputs)} -> {files(task.paths)}"


def result_lines(result: Result) -> list[str]:
    """A result for people."""
    match result:
        case Trained():
            lines = [f"{result.task}: loss {result.loss:.4g} after {count(result.steps, 'step')}"]
            if result.saved:
                kept = f", the last {len(result.files)} kept:"
                end = kept if len(result.files) < result.saved else ":"
                lines.append(f"  saved {count(result.saved, 'checkpoint')}{end}")
            return lines + [f"  {path}" for path in result.files]
        case Evaluated():
            figures = ", ".join(f"{n} {_shown(v)}" for n, v in result.figures.items())
            return [f"{result.task}: {figures} on {result.samples:,} samples"]
        case Edited():
            done = ", ".join(
                f"{result.counts[a]} {_PAST[a]}" for a in _PAST if result.counts.get(a)
            )
            line = f"{result.task}: {done}; wrote {result.path} ({size(result.nbytes)})"
            return [line, *(f"  {loss}" for loss in result.losses)]


def _shown(figure: Any) -> str:
    """A number to four digits, or rows of numbers as a list."""
    if isinstance(figure, tuple):
        return f"[{', '.join(map(_shown, figure))}]"
    return f"{figure:.4f}"
