"""A task that several processes of this machine carry out together."""

from __future__ import annotations

import os
import socket
import sys
import time
import traceback
from collections.abc import Callable, Mapping
from multiprocessing.connection import Connection
from typing import NoReturn, cast

from declspore.dataclass import dataclass
from declspore.devices.cluster import listener_of
from declspore.devices.current import joined
from declspore.devices.errors import ON_ONE, Differs, Lost, NotMet, differs, lost, not_met
from declspore.devices.gpus import take_gpus
from declspore.devices.group import Alone, Group
from declspore.devices.launch import Launch, Message, Outcome
from declspore.devices.meeting import Seat, meet
from declspore.devices.mesh import Mesh
from declspore.devices.patience import Patience
from declspore.devices.pulse import LostLink
from declspore.devices.ranks import Ranks
from declspore.diagnostic import Diagnostic
from declspore.lock.model import LockedTask
from declspore.lock.record import Recorder
from declspore.plan.planner import Plan
from declspore.plan.task import TaskPlan
from declspore.report import DiagnosticError
from declspore.run.task import Reporter, Result, Silent, explained_task

_LAST = ("done", "problems", "lost", "not met", "differs", "error")
_MEETING = 300.0
"""Seconds for all processes to load TensorFlow and connect."""
_BETWEEN_MESSAGES = 0.1


@dataclass(frozen=True)
class Workers:
    """How many processes share a training. ``prepare`` is what each does first, ``shown`` gets the
    lines that they print, with the rank; ``patience`` is how long they wait for one another."""

    count: int
    prepare: Callable[[], None]
    shown: Callable[[int, str], None]
    patience: Patience


def can_fork() -> bool:
    """Whether processes can be started that have this one's plan. TensorFlow's threads would not
    survive it."""
    return hasattr(os, "fork") and "tensorflow" not in sys.modules


def run_together(
    plan: TaskPlan, workers: Workers, reporter: Reporter, recorder: Recorder
) -> Result:
    """Carry out a task in so many processes, in one where its kind cannot be shared. Raises
    DiagnosticError once all of them have ended."""
    size = workers.count if plan.task.kind.shares else 1

    def work(seat: Seat, listener: socket.socket, connection: Connection) -> None:
        _limit_threads(size)
        take_gpus(seat.rank, size)
        workers.prepare()
        _Rank(plan, recorder, connection).run(seat, listener, workers.patience)

    def told(rank: int, message: Message) -> None:
        kind, value = message
        if kind == "progress":
            reporter.progress(*cast("tuple[int, int, str, Mapping[str, float] | None]", value))
        else:
            reporter.note(str(value))

    outcome = Launch(size, work, told, workers.shown, _LAST, workers.patience).run()
    for rank in range(size):
        if outcome.last.get(rank, ("",))[0] == "error":
            raise cast(Exception, outcome.last[rank][1])
    if problems := _problems(plan, size, outcome):
        raise DiagnosticError(problems)
    result, records = cast("tuple[Result, dict[str, LockedTask]]", outcome.last[0][1])
    recorder.adopt(records)
    return result


@dataclass(frozen=True)
class Place:
    """The place of this process among those of a cluster. ``give_up`` ends the process where the
    work cannot be interrupted, though another rank is lost."""

    seat: Seat
    patience: Patience
    give_up: Callable[[DiagnosticError], None]


def run_in_cluster(
    plan: Plan, place: Place, reporter: Reporter, recorder: Recorder
) -> list[Result]:
    """Carry out a plan as one of the processes of a cluster, which all run the same command.

    They share trainings; the other tasks are those of rank 0, which alone writes files. Raises
    DiagnosticError where this process or another one fails.
    """
    span, seat = plan.tasks[0].task.span if plan.tasks else None, place.seat
    group: Ranks | None = None

    def unheeded(loss: LostLink) -> None:
        error = Lost(loss.rank, group.step if group else 0, loss.reason)
        place.give_up(DiagnosticError([lost(span, error, seat.size)]))

    try:
        mesh = meet(seat, listener_of(seat), _MEETING, place.patience, unheeded)
    except NotMet as error:
        raise DiagnosticError([not_met(span, error)]) from None
    group = Ranks(mesh, spans_machines=True)
    reason, results = "ended", []
    try:
        with joined(group):
            for task in plan.tasks:
                if seat.rank and not task.task.kind.shares:
                    continue
                reporter.begin(task)
                results.append(explained_task(task, reporter, recorder))
                reporter.end(results[-1])
        mesh.close()
    except DiagnosticError as error:
        reason = _ended_with(error.diagnostics[0])
        raise
    except Lost as error:
        raise DiagnosticError([lost(span, error, seat.size)]) from None
    except Differs as error:
        raise DiagnosticError([differs(span, error)]) from None
    finally:
        mesh.end(reason=reason)
    return results


def _ended_with(problem: Diagnostic) -> str:
    return f"ended with {problem.code}: {problem.title}"


def _limit_threads(size: int) -> None:
    """The processors of the machine, divided among its processes; the environment's choice is
    kept."""
    threads = str(max((os.cpu_count() or 1) // size, 1))
    for name in ("TF_NUM_INTRAOP_THREADS", "OMP_NUM_THREADS"):
        os.environ.setdefault(name, threads)


def _problems(plan: TaskPlan, size: int, outcome: Outcome) -> tuple[Diagnostic, ...]:
    """Why a group failed: what a process says of itself, else the process that died first."""
    span, last = plan.task.span, sorted(outcome.last.items())
    for _, (kind, value) in last:
        if kind == "problems":
            return cast("tuple[Diagnostic, ...]", value)
        if kind == "differs":
            return (differs(span, Differs(value)),)
    steps = [cast("tuple[int, int, str]", value) for _, (kind, value) in last if kind == "lost"]
    step = max((step for _, step, _ in steps), default=0)
    told = {rank for rank, (kind, _) in last if kind in {"lost", "not met"}}
    died = [each for each in outcome.deaths if each.rank not in told and not each.was_ended]
    if died:
        return (lost(span, Lost(died[0].rank, step, died[0].reason), size),)
    for _, (kind, value) in last:
        if kind == "not met":
            return (not_met(span, NotMet(value), ON_ONE),)
    return tuple(lost(span, Lost(*each), size) for each in steps[:1])


class _Rank:
    """One of the processes."""

    def __init__(self, plan: TaskPlan, recorder: Recorder, connection: Connection) -> None:
        self._plan, self._recorder, self._connection = plan, recorder, connection

    def run(self, seat: Seat, listener: socket.socket, patience: Patience) -> NoReturn:
        mesh: Mesh | None = None
        message: Message
        reason = "ended"
        try:
            group: Group = Alone()
            if seat.size > 1:
                mesh = meet(seat, listener, _MEETING, patience)
                group = Ranks(mesh)
            with joined(group):
                message = "done", self._carried_out(group)
        except DiagnosticError as error:
            message = "problems", error.diagnostics
            reason = _ended_with(error.diagnostics[0])
        except Lost as error:
            message = "lost", (error.rank, error.step, error.reason)
        except NotMet as error:
            message = "not met", str(error)
        except Differs as error:
            message = "differs", str(error)
        except (KeyboardInterrupt, SystemExit) as error:
            if mesh is not None:
                mesh.end()
            os._exit(int(error.code or 0) if isinstance(error, SystemExit) else 130)
        except Exception as error:
            error.add_note(f"in rank {seat.rank}:\n{traceback.format_exc()}")
            message, reason = ("error", error), f"ended with {type(error).__name__}: {error}"
        self._connection.send(message)
        if mesh is not None:
            if message[0] == "done":
                mesh.close()
            else:
                mesh.end(reason=reason)
        self._connection.close()
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(0 if message[0] == "done" else 1)

    def _carried_out(self, group: Group) -> tuple[Result, dict[str, LockedTask]] | None:
        if group.rank:
            explained_task(self._plan, Silent(), Recorder())
            return None
        result = explained_task(self._plan, _Sender(self._connection), self._recorder)
        return result, self._recorder.tasks()


class _Sender:
    """The reporter of rank 0: what it gets, it sends."""

    def __init__(self, connection: Connection) -> None:
        self._connection, self._sent = connection, 0.0

    def begin(self, plan: TaskPlan) -> None: ...

    def progress(
        self, done: int, total: int, text: str, numbers: Mapping[str, float] | None = None
    ) -> None:
        if done == total or time.monotonic() - self._sent > _BETWEEN_MESSAGES:
            self._sent = time.monotonic()
            self._connection.send(("progress", (done, total, text, numbers)))

    def note(self, text: str) -> None:
        self._connection.send(("note", text))

    def end(self, result: Result) -> None: ...
