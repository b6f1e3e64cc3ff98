"""Groups of ranks: what they add up, agree on, and notice."""

import socket
import threading
import time
from contextlib import suppress

import numpy as np
import pytest

from declspore.devices.errors import Lost, NotMet
from declspore.devices.group import Alone
from declspore.devices.meeting import Seat, addresses_of, listen, meet
from tests.devices.support import in_group


@pytest.mark.parametrize("size", [2, 3, 4])
@pytest.mark.parametrize("count", [1, 7, 100_003])
def test_sums_have_the_same_bits_in_every_rank(size, count):
    """Added in the order of the ranks, whether the array travels whole or in parts."""
    values = np.random.default_rng(0).normal(size=(size, count)).astype(np.float32)
    expected = values[0]
    for each in values[1:]:
        expected = expected + each
    found = in_group(size, lambda group: group.sum(values[group.rank]))
    assert all(each.tobytes() == expected.tobytes() for each in found)
    assert all(each.shape == (count,) for each in found)


def test_what_ranks_agree_on():
    def work(group):
        group.step = group.rank
        return (
            group.agreed({"rank": group.rank}),
            group.gathered(group.rank),
            group.shared(np.full((2, 2), group.rank, np.float64)).tolist(),
            np.unique(group.shared(np.full((99, 77), group.rank + 1.0))).tolist(),
            group.rows(np.full((group.rank, 2), group.rank, np.int32)).tolist(),
            group.sum(np.float32(1.5)).tolist(),
        )

    expected = ({"rank": 0}, [0, 1, 2], [[0, 0], [0, 0]], [1], [[1, 1], [2, 2], [2, 2]], 4.5)
    assert in_group(3, work) == [expected] * 3


def test_infinite_sums_do_not_warn():
    huge = np.full(3, 3e38, np.float32)
    assert all(np.isinf(each).all() for each in in_group(2, lambda group: group.sum(huge)))


def test_a_rank_that_ends_is_noticed_by_all_others():
    """All name the rank that ended first and the step, though they notice one another's end too."""

    def work(group):
        group.step = 17
        if group.rank == 2:
            raise RuntimeError("its own")
        for _ in range(3):
            group.sum(np.zeros(100_000, np.float32))

    begun = time.monotonic()
    found = in_group(4, work)
    assert time.monotonic() - begun < 10
    others = [each for rank, each in enumerate(found) if rank != 2]
    assert all(isinstance(each, Lost) for each in others)
    assert {(each.rank, each.step) for each in others} == {(2, 17)}


def test_a_missing_rank_is_named():
    listener = listen(("127.0.0.1", 0))
    seat = Seat((*addresses_of([listener]), ("127.0.0.1", 1)), 0, "token")
    with pytest.raises(NotMet, match="rank 1 of 2 did not connect to rank 0"):
        meet(seat, listener, 0.3)


def test_an_address_that_does_not_answer_is_named():
    closed = listen(("127.0.0.1", 0))
    address = addresses_of([closed])
    closed.close()
    listener = listen(("127.0.0.1", 0))
    with pytest.raises(NotMet, match=f"rank 0 was not reached at 127.0.0.1:{address[0][1]}"):
        meet(Seat((*address, *addresses_of([listener])), 1, "token"), listener, 0.5)


def test_strangers_are_turned_away():
    """What does not know the token, or speaks otherwise, takes no place."""
    listeners = [listen(("127.0.0.1", 0)) for _ in range(2)]
    addresses = addresses_of(listeners)
    found = []

    def first():
        found.append(meet(Seat(addresses, 0, "token"), listeners[0], 10))

    thread = threading.Thread(target=first)
    thread.start()
    with socket.create_connection(addresses[0]) as stranger:
        stranger.sendall(b"GET / HTTP/1.1\r\n\r\n")
        with suppress(ConnectionResetError):
            assert stranger.recv(100) == b""
    with pytest.raises(NotMet):
        meet(Seat(addresses, 1, "another"), listen(("127.0.0.1", 0)), 0.5)
    mesh = meet(Seat(addresses, 1, "token"), listeners[1], 10)
    thread.join()
    mesh.close()
    found[0].close()


def test_a_process_by_itself():
    alone, array = Alone(), np.ones(3)
    assert alone.agreed(1) == 1
    assert alone.gathered(1) == [1]
    assert all(ask(array) is array for ask in (alone.sum, alone.rows, alone.shared))
