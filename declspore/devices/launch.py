"""Processes of one machine that form a group: started, watched, and ended together.

A process is forked, so that it has everything already; it sends messages, and what it prints is
handed on line by line. Once one of them fails, the others have a few seconds to end by themselves;
then they are terminated, and then killed. A process that stays stopped has failed, too: the others
would wait for it. A process whose parent has died ends.
"""

from __future__ import annotations

import multiprocessing
import os
import secrets
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import field
from multiprocessing.connection import Connection, wait
from multiprocessing.context import ForkProcess
from types import FrameType
from typing import NoReturn, TypeAlias

from declspore.dataclass import dataclass
from declspore.devices.meeting import Seat, addresses_of, listen
from declspore.devices.patience import INTERVAL, Patience

GRACE = 6.0
"""Seconds in which the others end by themselves once a process failed."""
_AFTER_TERM = 3.0
_INTERRUPTED = 60.0
"""Seconds in which an interrupted group ends its step and keeps its state."""
_WATCH = 0.5
_TERMINATED = 143

Message: TypeAlias = tuple[str, object]
"""A kind of message, and its contents."""
Work: TypeAlias = Callable[[Seat, socket.socket, Connection], None]
"""What a process does with its seat, the socket that others connect to, and its way to send
messages."""


@dataclass(frozen=True)
class Death:
    """A process that ended without success; ``was_ended`` where it was ended by this command,
    ``stopped_by`` the signal that had stopped it before."""

    rank: int
    exit_code: int
    was_ended: bool = False
    stopped_by: int | None = None

    @property
    def reason(self) -> str:
        if self.stopped_by is not None:
            return f"was stopped by {_name(self.stopped_by)}"
        if self.exit_code >= 0:
            return f"ended with exit code {self.exit_code}"
        return f"was killed by {_name(-self.exit_code)}"


def _name(number: int) -> str:
    with suppress(ValueError):
        return signal.Signals(number).name
    return f"signal {number}"


@dataclass
class Outcome:
    """The last message of each rank, and the processes that failed, in the order of their ends."""

    last: dict[int, Message] = field(default_factory=dict)
    deaths: list[Death] = field(default_factory=list)


@dataclass
class _Member:
    rank: int
    process: ForkProcess
    messages: Connection
    output: int
    partial: bytes = b""
    has_ended: bool = False
    stopped_for: float = 0.0
    stopped_by: int | None = None


class Launch:
    """A group of ``size`` processes. ``heard`` gets every message but the last of a rank, ``shown``
    every line that a process prints. A process that is stopped for the silence of ``patience`` is
    killed."""

    def __init__(
        self,
        size: int,
        work: Work,
        heard: Callable[[int, Message], None],
        shown: Callable[[int, str], None],
        last: Sequence[str] = ("done",),
        patience: Patience | None = None,
    ) -> None:
        self._silence, self._looked = (patience or Patience()).silence, time.monotonic()
        self._size, self._work, self._heard, self._shown = size, work, heard, shown
        self._last = frozenset(last)
        self._members: list[_Member] = []
        self._outcome = Outcome()
        self._interrupted: BaseException | None = None
        self._has_signalled = False
        self._deadline: float | None = None
        self._escalation: list[tuple[int, float]] = []

    def run(self) -> Outcome:
        """Raises KeyboardInterrupt or SystemExit where this process is interrupted, once all
        processes have ended."""
        with _terminable():
            try:
                self._start()
                while True:
                    try:
                        self._watch()
                        break
                    except (KeyboardInterrupt, SystemExit) as error:
                        again, self._interrupted = self._interrupted is not None, error
                        self._signal(signal.SIGKILL if again else signal.SIGTERM)
                        self._escalate((signal.SIGKILL, _INTERRUPTED))
            finally:
                self._signal(signal.SIGKILL)
                for member in self._members:
                    member.process.join()
        if self._interrupted is not None:
            raise self._interrupted
        return self._outcome

    # ---- starting

    def _start(self) -> None:
        listeners = [listen(("127.0.0.1", 0)) for _ in range(self._size)]
        try:
            addresses, token = addresses_of(listeners), secrets.token_hex(16)
            for rank in range(self._size):
                self._fork(Seat(addresses, rank, token), listeners)
        finally:
            for listener in listeners:
                listener.close()

    def _fork(self, seat: Seat, listeners: Sequence[socket.socket]) -> None:
        ours, theirs = multiprocessing.Pipe(duplex=False)
        output, printed = os.pipe()
        parent = os.getpid()

        def begin() -> None:
            for rank, listener in enumerate(listeners):
                if rank != seat.rank:
                    listener.close()
            os.dup2(printed, 1)
            os.dup2(printed, 2)
            signal.signal(signal.SIGINT, signal.SIG_IGN)
            signal.signal(signal.SIGTERM, signal.SIG_DFL)
            threading.Thread(target=_end_with, args=(parent,), daemon=True).start()
            self._work(seat, listeners[seat.rank], theirs)

        process = multiprocessing.get_context("fork").Process(target=begin)
        process.start()
        theirs.close()
        os.close(printed)
        os.set_blocking(output, False)
        self._members.append(_Member(seat.rank, process, ours, output))

    # ---- watching

    def _watch(self) -> None:
        """Until all have ended and all they said was heard."""
        while alive := [member for member in self._members if not member.has_ended]:
            waiting: list[Connection | int] = []
            for member in alive:
                waiting += [member.output, member.process.sentinel]
                if not member.messages.closed:
                    waiting.append(member.messages)
            ready = wait(waiting, self._left())
            for member in alive:
                if member.messages in ready:
                    self._hear(member)
                if member.output in ready:
                    self._show(member)
                if member.process.sentinel in ready:
                    self._ended(member)
            self._end_stopped()
            self._act()

    def _hear(self, member: _Member) -> None:
        try:
            while member.messages.poll():
                message: Message = member.messages.recv()
                if message[0] in self._last:
                    self._outcome.last[member.rank] = message
                    if message[0] != "done":
                        self._fail()
                else:
                    self._hand_on(member.rank, message)
        except (EOFError, OSError):
            member.messages.close()

    def _hand_on(self, rank: int, message: Message) -> None:
        try:
            self._heard(rank, message)
        except KeyboardInterrupt:
            # what shows progress raises it again and again after Ctrl-C, so that it is not lost
            if self._interrupted is None:
                raise

    def _show(self, member: _Member) -> None:
        with suppress(BlockingIOError):
            while data := os.read(member.output, 1 << 16):
                *lines, member.partial = (member.partial + data).split(b"\n")
                for line in lines:
                    self._shown(member.rank, line.decode(errors="replace"))

    def _ended(self, member: _Member) -> None:
        member.has_ended = True
        member.process.join()
        if not member.messages.closed:
            self._hear(member)
            member.messages.close()
        self._show(member)
        if member.partial:
            self._shown(member.rank, member.partial.decode(errors="replace"))
        os.close(member.output)
        code = member.process.exitcode
        if code:
            was_ended = self._has_signalled and member.stopped_by is None
            self._outcome.deaths.append(Death(member.rank, code, was_ended, member.stopped_by))
            self._fail()

    # ---- ending

    def _end_stopped(self) -> None:
        """Kill processes that others wait for and that stay stopped; at once where the group has
        failed, since they cannot end by themselves."""
        now = time.monotonic()
        # time in which this process was stopped itself, as by Ctrl-Z, does not count
        passed, self._looked = min(now - self._looked, 2 * INTERVAL), now
        if self._size == 1 or self._silence is None:
            return
        for member in self._members:
            number = None if member.has_ended else _stopped(member.process.pid)
            member.stopped_for = 0.0 if number is None else member.stopped_for + passed
            if number is not None and (self._escalation or member.stopped_for > self._silence):
                member.stopped_by = number
                member.process.kill()

    def _fail(self) -> None:
        if not self._escalation:
            self._escalate((signal.SIGTERM, GRACE), (signal.SIGKILL, _AFTER_TERM))

    def _escalate(self, *steps: tuple[int, float]) -> None:
        self._escalation = list(steps)
        self._deadline = time.monotonic() + steps[0][1]

    def _left(self) -> float:
        """Seconds until something is to be done, whatever the processes do."""
        if self._deadline is None:
            return INTERVAL
        return min(max(self._deadline - time.monotonic(), 0.0), INTERVAL)

    def _act(self) -> None:
        """Send the next signal once its time has come."""
        if self._deadline is None or time.monotonic() < self._deadline:
            return
        (number, _), *rest = self._escalation
        self._signal(number)
        self._escalation = rest or [(signal.SIGKILL, _AFTER_TERM)]
        self._deadline = time.monotonic() + self._escalation[0][1]

    def _signal(self, number: int) -> None:
        self._has_signalled = True
        for member in self._members:
            if member.process.exitcode is None and member.process.pid is not None:
                with suppress(ProcessLookupError):
                    os.kill(member.process.pid, number)


def _stopped(pid: int | None) -> int | None:
    """The signal that has stopped a process; None where it runs, has ended, or cannot be asked."""
    if pid is None or not hasattr(os, "waitid"):
        return None
    try:
        found = os.waitid(os.P_PID, pid, os.WSTOPPED | os.WNOHANG | os.WNOWAIT)
    except ChildProcessError:
        return None
    return None if found is None else found.si_status


def _end_with(parent: int) -> None:
    """End this process once its parent is gone."""
    while os.getppid() == parent:
        time.sleep(_WATCH)
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(GRACE)
    os.kill(os.getpid(), signal.SIGKILL)


@contextmanager
def _terminable() -> Iterator[None]:
    """SIGTERM raises SystemExit within the block, unless the process ignores it."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.getsignal(signal.SIGTERM)

    def terminate(number: int, frame: FrameType | None) -> NoReturn:
        raise SystemExit(_TERMINATED)

    if before is signal.SIG_DFL:
        signal.signal(signal.SIGTERM, terminate)
    try:
        yield
    finally:
        if before is signal.SIG_DFL:
            signal.signal(signal.SIGTERM, signal.SIG_DFL)
