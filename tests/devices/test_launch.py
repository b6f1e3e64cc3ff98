"""Processes of one machine that form a group: none is left behind, whatever happens."""

import os
import signal
import time

import numpy as np
import pytest

from declspore.devices import launch
from declspore.devices.errors import Lost
from declspore.devices.launch import Launch
from declspore.devices.meeting import meet
from declspore.devices.ranks import Ranks

LAST = ("done", "lost")


def launched(size, work):
    """The outcome, other messages, lines that were printed, and the processes."""
    told, shown, pids = [], [], {}

    def process(seat, listener, connection):
        connection.send(("pid", os.getpid()))
        group = Ranks(meet(seat, listener, 20))
        try:
            work(group, connection)
            message = "done", group.rank
        except Lost as error:
            message = "lost", (error.rank, error.step)
        connection.send(message)
        os._exit(message[0] != "done")

    def hear(rank, message):
        if message[0] == "pid":
            pids[rank] = message[1]
        told.append((rank, message))

    outcome = Launch(size, process, hear, lambda *line: shown.append(line), LAST).run()
    for pid in pids.values():
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)
    return outcome, [each for each in told if each[1][0] != "pid"], shown


def test_messages_and_lines_arrive_with_their_rank():
    def work(group, connection):
        os.write(1, b"hello\n")
        os.write(2, b"no end of line")
        connection.send(("sum", float(group.sum(np.float64(group.rank)))))

    outcome, told, shown = launched(2, work)
    assert outcome.last == {0: ("done", 0), 1: ("done", 1)}
    assert not outcome.deaths
    assert sorted(told) == [(0, ("sum", 1.0)), (1, ("sum", 1.0))]
    assert sorted(shown) == sorted((r, t) for r in (0, 1) for t in ("hello", "no end of line"))


def test_a_killed_rank_ends_the_others():
    def work(group, connection):
        group.step = 5
        if group.rank == 1:
            os.kill(os.getpid(), signal.SIGKILL)
        while True:
            group.sum(np.zeros(10))

    begun = time.monotonic()
    outcome, _, _ = launched(3, work)
    assert time.monotonic() - begun < 10
    assert outcome.deaths[0].rank == 1
    assert outcome.deaths[0].reason == "was killed by SIGKILL"
    assert {outcome.last[rank] for rank in (0, 2)} == {("lost", (1, 5))}


def test_a_rank_that_does_not_end_is_killed(monkeypatch):
    monkeypatch.setattr(launch, "GRACE", 0.3)
    monkeypatch.setattr(launch, "_AFTER_TERM", 0.3)

    def work(group, connection):
        if group.rank == 1:
            os._exit(9)
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        time.sleep(60)

    begun = time.monotonic()
    outcome, _, _ = launched(2, work)
    assert time.monotonic() - begun < 10
    assert [death.reason for death in outcome.deaths] == [
        "ended with exit code 9", "was killed by SIGKILL"
    ]  # fmt: skip
