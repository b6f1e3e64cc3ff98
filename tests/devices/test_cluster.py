"""The place of a process among those that a scheduler describes."""

import json

import pytest

from declspore.devices.cluster import seat_of
from declspore.devices.errors import NotMet


def config(cluster, kind="worker", index=0):
    task = {"type": kind, "index": index}
    return {"TF_CONFIG": json.dumps({"cluster": cluster, "task": task})}


HOSTS = ["10.0.0.1:2222", "node-b:2222"]


def test_a_place_among_workers():
    seat = seat_of(config({"worker": HOSTS}, index=1))
    assert seat is not None
    assert (seat.rank, seat.size) == (1, 2)
    assert seat.addresses == (("10.0.0.1", 2222), ("node-b", 2222))
    assert seat.token == seat_of(config({"worker": HOSTS})).token


def test_a_chief_comes_first():
    cluster = {"worker": HOSTS, "chief": ["[::1]:2223"]}
    assert seat_of(config(cluster, "chief")).rank == 0
    seat = seat_of(config(cluster, "worker", 0))
    assert (seat.rank, seat.addresses[0]) == (1, ("::1", 2223))


@pytest.mark.parametrize(
    "environment", [{}, {"TF_CONFIG": " "}, config({"worker": HOSTS[:1]})], ids=str
)
def test_one_process_is_no_group(environment):
    assert seat_of(environment) is None


@pytest.mark.parametrize(
    "environment",
    [
        {"TF_CONFIG": "{"},
        {"TF_CONFIG": "[]"},
        {"TF_CONFIG": "3"},
        {"TF_CONFIG": "{}"},
        config({"worker": HOSTS}, index=2),
        config({"worker": HOSTS}, "ps"),
        config({"worker": HOSTS, "ps": ["a:1"]}),
        config({"worker": ["a", "b"]}),
        config({"worker": ["a:0", "b:1"]}),
        config({"worker": [1, 2]}),
        config({"worker": None}),
        config({"worker": [HOSTS[0], HOSTS[0]]}),
    ],
    ids=str,
)
def test_anything_else_is_refused(environment):
    with pytest.raises(NotMet, match="TF_CONFIG"):
        seat_of(environment)
