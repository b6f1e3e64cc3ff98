"""The heartbeat between ranks: who lives is waited for, who does not is named."""

import shutil
import socket
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from declspore.devices import pulse
from declspore.devices.errors import Lost
from declspore.devices.meeting import listen
from declspore.devices.patience import Patience
from declspore.devices.pulse import LostLink, Pulse
from tests.conftest import ROOT
from tests.devices.support import in_group, raised

GONE = """
import subprocess, threading, time
import numpy as np
from declspore.devices.patience import Patience
from tests.devices.support import in_group
subprocess.run(["ip", "link", "set", "lo", "up"], check=True)

def work(group):
    group.gathered(0)
    if group.rank == 0:
        time.sleep(1.5)
        subprocess.run(["ip", "link", "set", "lo", "down"], check=True)
    if group.rank == 1:
        begun = time.monotonic()
        while time.monotonic() - begun < 60:
            group.check()
            time.sleep(0.1)
    group.sum(np.ones(SIZE, np.float32))

begun = time.monotonic()
found = in_group(2, work, 70, Patience(silence=SILENCE))
print(time.monotonic() - begun, *(type(each).__name__ for each in found), sep=",")
"""

CASES = {
    f"{length}-{means}": (size, silence)
    for length, size in (("small", 1), ("large", 1 << 22))
    for means, silence in (("keepalive", None), ("heartbeat", 6.0))
}


@pytest.fixture(scope="module", autouse=True)
def networks():
    """Two ranks in a network that goes away, for each case; they wait while other tests run."""
    unshare = shutil.which("unshare")
    alone = [unshare, "--map-root-user", "--net"]
    if unshare is None or subprocess.run([*alone, "ip", "link"], capture_output=True).returncode:
        return NoNetworks()
    started = {}
    for case, (size, silence) in CASES.items():
        program = GONE.replace("SIZE", str(size)).replace("SILENCE", str(silence))
        streams = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
        started[case] = subprocess.Popen(
            [*alone, sys.executable, "-c", program], cwd=ROOT, **streams
        )
    return started


class NoNetworks(dict):
    def __missing__(self, case):
        pytest.skip("no network of its own can be made here")


@pytest.fixture(scope="module", autouse=True)
def slow_to_read():
    """What becomes of two ranks, one of which begins to read after 18 seconds."""

    def work(group):
        if group.rank == 1:
            time.sleep(18)
        return float(group.sum(np.ones(1 << 22, np.float32)).sum())

    with ThreadPoolExecutor(1) as pool:
        yield pool.submit(in_group, 2, work, 60)


def test_a_rank_that_works_for_long_is_waited_for(monkeypatch):
    """Its heartbeat goes on without it."""
    monkeypatch.setattr(pulse, "_MEETING", 0.0)

    def work(group):
        if group.rank == 0:
            time.sleep(5)
        return float(group.sum(np.float64(1)))

    assert in_group(3, work, patience=Patience(silence=3.0)) == [3.0] * 3


def test_a_rank_that_works_for_long_notices_the_end_of_another():
    def work(group):
        group.step = 4
        if group.rank == 1:
            raise RuntimeError("its own")
        begun = time.monotonic()
        while time.monotonic() - begun < 15:
            group.check()
            time.sleep(0.05)

    begun = time.monotonic()
    found = in_group(3, work)
    assert time.monotonic() - begun < 10
    assert {(each.rank, each.step) for each in (found[0], found[2])} == {(1, 4)}


def test_a_rank_that_ends_well_is_no_loss():
    def work(group):
        group.gathered(1)
        if group.rank == 0:
            time.sleep(2.5)
            group.check()
        return "done"

    assert in_group(3, work) == ["done"] * 3


def test_a_rank_that_lives_and_does_not_answer_is_named():
    def work(group):
        group.step = 9
        if group.rank == 1:
            time.sleep(4)
        group.gathered(0)

    found = in_group(3, work, patience=Patience(exchange=1.0))
    assert {each.rank for each in found} == {1}
    assert str(found[0]) == "rank 1 did not answer for 1 s"


def connected():
    """Both ends of a connection."""
    with listen(("127.0.0.1", 0)) as listener:
        ours = socket.create_connection(listener.getsockname())
        ours.setblocking(False)
        return ours, listener.accept()[0]


def test_what_does_not_end_by_itself_is_given_up(monkeypatch):
    monkeypatch.setattr(pulse, "NOTICE", 0.5)
    ours, theirs = connected()
    told = []
    beating = Pulse({3: ours}, Patience(), told.append)
    theirs.close()
    time.sleep(3.5)
    assert told == [LostLink(3, "ended")]
    assert not beating.stop()  # there is nobody left to be told


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        (b'{"rank": 5, "reason": "ended with E123"}\n', LostLink(5, "ended with E123")),
        (b"what\n", LostLink(3, "sent something else than was expected")),
        (b"x" * 70000, LostLink(3, "sent something else than was expected")),
        (b"[]\n", LostLink(3, "sent something else than was expected")),
        (b"\n\nbye\n", None),
    ],
)
def test_last_words(said, reason):
    ours, theirs = connected()
    beating = Pulse({3: ours}, Patience())
    theirs.sendall(said)
    theirs.close()
    time.sleep(0.5)
    beating.stop()
    assert beating.loss == reason


@pytest.mark.slow
def test_a_rank_that_is_slow_to_read_is_waited_for(slow_to_read):
    """What fills its buffers stays unacknowledged for longer than a lost machine would be given."""
    assert raised(slow_to_read.result()) == []


@pytest.mark.slow
@pytest.mark.parametrize("case", CASES)
def test_a_network_that_goes_away_is_noticed(case, networks):
    """No packet arrives any more, and no connection is closed: by the kernel's own means, and by
    silence; where a rank waits for the other, and where it does not."""
    output, error = networks[case].communicate()
    assert networks[case].returncode == 0, error
    seconds, *kinds = output.strip().split(",")
    assert kinds == [Lost.__name__] * 2
    assert float(seconds) < 21.5
