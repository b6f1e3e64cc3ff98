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
from declspore.devices.patience import Patience
from declspore.devices.ranks import Ranks

LAST = ("done", "lost")


def launched(size, work, patience=None, watching=None):
    """The outcome, other messages, lines that were printed, and the processes."""
    told, shown, pids = [], [], {}

    def process(seat, listener, connection):
        connection.send(("pid", os.getpid()))
        group = Ranks(meet(seat, listener, 20, patience))
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

    outcome = Launch(
        size, process, hear, lambda *line: shown.append(line), LAST, watching or patience
    ).run()
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


def test_a_stopped_rank_is_killed_and_named():
    """It cannot end by itself, and the others would wait for it."""

    def work(group, connection):
        group.step = 3
        if group.rank == 1:
            os.kill(os.getpid(), signal.SIGSTOP)
        while True:
            group.sum(np.zeros(10))

    begun = time.monotonic()
    outcome, _, _ = launched(3, work, Patience(silence=3.0))
    assert time.monotonic() - begun < 15
    assert outcome.deaths[0].rank == 1
    assert outcome.deaths[0].reason == "was stopped by SIGSTOP"
    assert not outcome.deaths[0].was_ended


def test_the_others_name_a_rank_that_is_silent():
    """As on several machines, where no command sees that a process is stopped."""

    def work(group, connection):
        group.step = 3
        if group.rank == 1:
            os.kill(os.getpid(), signal.SIGSTOP)
        while True:
            group.sum(np.zeros(10))

    begun = time.monotonic()
    outcome, _, _ = launched(3, work, Patience(silence=3.0), watching=Patience(silence=60.0))
    assert 3 < time.monotonic() - begun < 60
    assert {outcome.last[rank] for rank in (0, 2)} == {("lost", (1, 3))}
    assert [each.reason for each in outcome.deaths if each.rank == 1] == ["was stopped by SIGSTOP"]


@pytest.mark.slow
def test_a_group_that_is_stopped_as_a_whole_goes_on():
    """As by Ctrl-Z: time in which a rank was stopped itself says nothing of the others."""

    def work(group, connection):
        pids = group.gathered(os.getpid())
        if group.rank == 0 and os.fork() == 0:
            for pid in pids:
                os.kill(pid, signal.SIGSTOP)
            time.sleep(11)
            for pid in pids:
                os.kill(pid, signal.SIGCONT)
            os._exit(0)
        for _ in range(7):
            group.gathered(1)
            time.sleep(0.5)

    outcome, _, _ = launched(2, work, Patience(silence=9.0), watching=Patience(silence=60.0))
    assert outcome.last == {0: ("done", 0), 1: ("done", 1)}
