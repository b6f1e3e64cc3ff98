"""The place of this process in a group that a cluster's scheduler describes."""

from __future__ import annotations

import hashlib
import json
import socket
from collections.abc import Mapping
from typing import cast

from declspore.devices import VARIABLE
from declspore.devices.errors import NotMet
from declspore.devices.meeting import Address, Seat, listen
from declspore.untrusted_json import MALFORMED, parsed

_ROLES = ("chief", "worker")


def seat_of(environment: Mapping[str, str]) -> Seat | None:
    """The place that ``TF_CONFIG`` gives this process; None where it is not set, or names one
    process.

    It is JSON: ``{"cluster": {"worker": ["host:port", ...]}, "task": {"type": "worker", "index":
    1}}``. A chief comes before the workers. Raises NotMet where it says something else.
    """
    text = environment.get(VARIABLE, "")
    if not text.strip():
        return None
    try:
        given = parsed(text)
        cluster, task = given["cluster"], given["task"]
        role, index = task["type"], int(task["index"])
        listed = [(kind, list(cluster.get(kind, ()))) for kind in _ROLES]
        if others := sorted(set(cluster) - set(_ROLES)):
            raise NotMet(f"{VARIABLE} has {', '.join(others)}; a training has workers alone")
        places = [(kind, n) for kind, hosts in listed for n in range(len(hosts))]
        addresses = tuple(_address(host) for _, hosts in listed for host in hosts)
        rank = places.index((role, index))
    except MALFORMED as error:
        reason = f"{type(error).__name__}: {error}"
        raise NotMet(f"{VARIABLE} does not describe a place among workers ({reason})") from None
    if len(set(addresses)) != len(addresses):
        raise NotMet(f"{VARIABLE} has an address twice")
    if len(addresses) < 2:
        return None
    token = hashlib.sha256(json.dumps(addresses).encode()).hexdigest()
    return Seat(addresses, rank, token)


def _address(text: object) -> Address:
    host, _, port = cast(str, text).rpartition(":")
    if not host or not 0 < int(port) < 1 << 16:
        raise ValueError(f"{text!r} is not host:port")
    return host.strip("[]"), int(port)


def listener_of(seat: Seat) -> socket.socket:
    """The socket on which this process is reached: at its own address, or, where its name is one
    that only others know, at the same port of all addresses. Raises NotMet."""
    host, port = seat.addresses[seat.rank]
    try:
        return listen((host, port))
    except OSError:
        try:
            return listen(("", port))
        except OSError as error:
            reason = error.strerror or error
            raise NotMet(f"rank {seat.rank} cannot listen at {host}:{port}: {reason}") from None
