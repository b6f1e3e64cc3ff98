"""Tasks that do not wait for each other, each in a process of its own.

A process is forked, so that it has the plan already; it sends back how far it is, and its result
or its diagnostics. Files appear whole or not at all, whatever happens to a process.
"""

from __future__ import annotations

import multiprocessing
import os
import sys
import time
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import field
from multiprocessing.connection import Connection, wait
from multiprocessing.context import ForkProcess

from declspore.dataclass import dataclass
from declspore.diagnostic import Diagnostic
from declspore.lock.record import Recorder
from declspore.plan.files import path_of
from declspore.plan.task import TaskPlan
from declspore.report import DiagnosticError
from declspore.run.task import Reporter, Result, run_task
from declspore.same_file import file_id

_SECONDS_BETWEEN_MESSAGES = 0.1


def waits_for(tasks: Sequence[TaskPlan]) -> list[set[int]]:
    """For each task the earlier ones it must wait for: those that write what it reads or writes,
    and those that read what it writes."""
    touched = [_touched(task) for task in tasks]
    return [
        {
            earlier
            for earlier, (read, written) in enumerate(touched[:index])
            if written & (reads | writes) or read & writes
        }
        for index, (reads, writes) in enumerate(touched)
    ]


def _touched(task: TaskPlan) -> tuple[set[Hashable], set[Hashable]]:
    """Files a task reads and files it writes."""
    reads = {file_id(path_of(read.file)) for read in task.reads()}
    return reads, {file_id(path) for path in task.writes()}


@dataclass
class Finished:
    """What became of the tasks, by their place in the plan."""

    results: dict[int, Result] = field(default_factory=dict)
    problems: dict[int, tuple[Diagnostic, ...]] = field(default_factory=dict)


def run_together(
    tasks: Sequence[TaskPlan], jobs: int, reporter: Reporter, recorder: Recorder
) -> Finished:
    """Run tasks, at most ``jobs`` at once. One that fails stops only those that wait for it.

    Where processes cannot be forked, or not safely next to TensorFlow's threads, they run here, one
    after the other.
    """
    if "fork" not in multiprocessing.get_all_start_methods() or "tensorflow" in sys.modules:
        return _one_by_one(tasks, reporter, recorder)
    return _Runner(tasks, jobs, reporter, recorder).run()


def _one_by_one(tasks: Sequence[TaskPlan], reporter: Reporter, recorder: Recorder) -> Finished:
    finished = Finished()
    for index, needed in enumerate(waits_for(tasks)):
        if needed <= set(finished.results):
            reporter.begin(tasks[index])
            try:
                finished.results[index] = run_task(tasks[index], reporter, recorder)
            except DiagnosticError as error:
                finished.problems[index] = error.diagnostics
            else:
                reporter.end(finished.results[index])
    return finished


class _Runner:
    def __init__(
        self, tasks: Sequence[TaskPlan], jobs: int, reporter: Reporter, recorder: Recorder
    ) -> None:
        self._tasks = tasks
        self._jobs = jobs
        self._reporter = reporter
        self._recorder = recorder
        self._before = waits_for(tasks)
        self._waiting = list(range(len(tasks)))
        self._running: dict[Connection, tuple[int, ForkProcess]] = {}
        self._steps = dict.fromkeys(range(len(tasks)), (0, 1))
        self._finished = Finished()
        self._failed: set[int] = set()

    def run(self) -> Finished:
        try:
            while self._waiting or self._running:
                self._start()
                for connection in wait(list(self._running)) if self._running else ():
                    assert isinstance(connection, Connection)
                    self._receive(connection)
        finally:
            for _, process in self._running.values():
                process.terminate()
                process.join()
        return self._finished

    def _start(self) -> None:
        """Start what can be; forget what waits for something that will not be done."""
        for index in list(self._waiting):
            needed = self._before[index]
            if needed & self._failed:
                self._waiting.remove(index)
                self._failed.add(index)
            elif len(self._running) < self._jobs and needed <= set(self._finished.results):
                self._waiting.remove(index)
                self._reporter.begin(self._tasks[index])
                self._fork(index)

    def _fork(self, index: int) -> None:
        ours, theirs = multiprocessing.Pipe(duplex=False)
        context = multiprocessing.get_context("fork")
        process = context.Process(target=_work, args=(self._tasks[index], self._recorder, theirs))
        process.start()
        theirs.close()
        self._running[ours] = (index, process)

    def _receive(self, connection: Connection) -> None:
        index, process = self._running[connection]
        try:
            kind, value = connection.recv()
        except EOFError:
            process.join()
            raise RuntimeError(
                f"the process of the task {self._tasks[index].task.name} ended with "
                f"{process.exitcode}"
            ) from None
        match kind:
            case "progress":
                done, total, text = value
                self._steps[index] = (done, total)
                every = self._steps.values()
                self._reporter.progress(sum(d for d, _ in every), sum(t for _, t in every), text)
                return
            case "note":
                self._reporter.note(value)
                return
            case "done":
                self._finished.results[index], records = value
                self._recorder.adopt(records)
                self._reporter.end(self._finished.results[index])
            case "problems":
                self._finished.problems[index] = value
                self._failed.add(index)
            case _:
                raise value
        del self._running[connection]
        connection.close()
        process.join()


class _Sender:
    """The reporter of a process: what it gets, it sends."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._sent = 0.0

    def begin(self, plan: TaskPlan) -> None: ...

    def progress(
        self, done: int, total: int, text: str, numbers: Mapping[str, float] | None = None
    ) -> None:
        if done == total or time.monotonic() - self._sent > _SECONDS_BETWEEN_MESSAGES:
            self._sent = time.monotonic()
            self._connection.send(("progress", (done, total, text)))

    def note(self, text: str) -> None:
        self._connection.send(("note", text))

    def end(self, result: object) -> None: ...


def _work(plan: TaskPlan, recorder: Recorder, connection: Connection) -> None:
    try:
        result = run_task(plan, _Sender(connection), recorder)
        message: tuple[str, object] = ("done", (result, recorder.tasks()))
    except DiagnosticError as error:
        message = ("problems", error.diagnostics)
    except KeyboardInterrupt:
        os._exit(130)
    except Exception as error:
        message = ("error", error)
    connection.send(message)
    connection.close()
