"""Work that several processes share."""

from __future__ import annotations

import multiprocessing
import os
import sys
from collections.abc import Callable, Sequence
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess

from declspore.report import DiagnosticError

Work = Callable[[Callable[[str], None]], None]
"""Something to do, given a function that reports its progress."""


def in_processes(work: Sequence[Work], jobs: int, report: Callable[[str], None]) -> None:
    """Do all of ``work``, ``jobs`` at a time in processes of their own.

    Processes are forked, so that what is open is open there. Where that cannot be done, or not
    safely next to TensorFlow's threads, everything is done here. Raises the first DiagnosticError;
    then the other processes are ended.
    """
    jobs = min(jobs, len(work))
    can_fork = "fork" in multiprocessing.get_all_start_methods() and "tensorflow" not in sys.modules
    if jobs <= 1 or not can_fork:
        for each in work:
            each(report)
        return
    context = multiprocessing.get_context("fork")
    running: dict[Connection, BaseProcess] = {}
    try:
        for index in range(jobs):
            ours, theirs = context.Pipe(duplex=False)
            process = context.Process(target=_worker, args=(work[index::jobs], theirs))
            process.start()
            theirs.close()
            running[ours] = process
        while running:
            for connection in wait(list(running)):
                assert isinstance(connection, Connection)
                _receive(connection, running, report)
    finally:
        for left in running.values():
            left.terminate()
            left.join()


def _receive(
    connection: Connection, running: dict[Connection, BaseProcess], report: Callable[[str], None]
) -> None:
    """A message of a process: its progress, or how it ended."""
    try:
        kind, value = connection.recv()
    except EOFError:
        process = running[connection]
        process.join()
        raise RuntimeError(f"a writing process ended with {process.exitcode}") from None
    match kind:
        case "progress":
            for text in value:
                report(text)
        case "done":
            running.pop(connection).join()
        case "problems":
            raise DiagnosticError(value)
        case _:
            raise value


def _worker(work: Sequence[Work], connection: Connection) -> None:
    done: list[str] = []

    def report(text: str) -> None:
        done.append(text)
        if len(done) >= 64:
            flush()

    def flush() -> None:
        connection.send(("progress", done))
        done.clear()

    message: tuple[str, object]
    try:
        for each in work:
            each(report)
            flush()
        message = ("done", None)
    except DiagnosticError as error:
        message = ("problems", error.diagnostics)
    except KeyboardInterrupt:
        os._exit(130)
    except Exception as error:
        message = ("error", error)
    connection.send(message)
    connection.close()
