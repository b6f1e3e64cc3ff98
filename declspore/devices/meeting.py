"""How the ranks of a group find each other."""

from __future__ import annotations

import json
import selectors
import socket
import struct
import time
from collections.abc import Sequence
from contextlib import suppress

from declspore.dataclass import dataclass
from declspore.devices.errors import NotMet
from declspore.devices.mesh import Mesh
from declspore.devices.patience import Patience
from declspore.devices.pulse import Pulse, Unheeded, steady
from declspore.untrusted_json import parsed

Address = tuple[str, int]
_VALUES, _PULSE = "values", "pulse"
"""What a connection is for."""
_Links = dict[tuple[int, str], socket.socket]
_LENGTH = struct.Struct("<4sI")
_MAGIC = b"dsph"
_LONGEST = 4096
_GREETING = 5.0
"""Seconds for a connection to say who it is."""
_RETRY = 0.1


@dataclass(frozen=True)
class Seat:
    """The place of a process in its group: the addresses of all ranks, the rank of this one, and
    what only the members of the group know."""

    addresses: tuple[Address, ...]
    rank: int
    token: str

    @property
    def size(self) -> int:
        return len(self.addresses)


def listen(address: Address, backlog: int = 512) -> socket.socket:
    """A socket that other ranks connect to; port 0 takes a free one. Raises OSError."""
    family = socket.getaddrinfo(*address, type=socket.SOCK_STREAM)[0][0]
    listener = socket.socket(family, socket.SOCK_STREAM)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        listener.listen(backlog)
    except OSError:
        listener.close()
        raise
    return listener


def meet(
    seat: Seat,
    listener: socket.socket,
    seconds: float,
    patience: Patience | None = None,
    unheeded: Unheeded | None = None,
) -> Mesh:
    """Connect to every other rank: to the lower ones, while the higher ones connect to this one.

    The listener is closed. ``unheeded`` is what is done where this process does not end by itself
    once another one was lost. Raises NotMet where not all are there in time.
    """
    links: _Links = {}
    until = time.monotonic() + seconds
    try:
        for rank in range(seat.rank):
            for use in (_VALUES, _PULSE):
                links[rank, use] = _reached(seat, rank, use, until)
        _accept(seat, listener, links, until)
    except BaseException:
        for link in links.values():
            link.close()
        raise
    finally:
        listener.close()
    values, pulses = (
        {rank: steady(links[rank, each]) for rank, each in sorted(links) if each == use}
        for use in (_VALUES, _PULSE)
    )
    patience = patience or Patience()
    return Mesh(seat.rank, values, Pulse(pulses, patience, unheeded), patience)


def _reached(seat: Seat, rank: int, use: str, until: float) -> socket.socket:
    """A connection to a lower rank, which may still be starting."""
    reason: object = "no answer"
    said: dict[str, str | int] = {"token": seat.token, "rank": seat.rank, "size": seat.size}
    while (left := until - time.monotonic()) > 0:
        try:
            link = socket.create_connection(seat.addresses[rank], timeout=min(left, _GREETING))
        except OSError as error:
            reason = error.strerror or error
        else:
            try:
                _say(link, said | {"use": use})
                if _heard(link).get("rank") == rank:
                    return link
                reason = "it belongs to another group"
            except (OSError, ValueError) as error:
                reason = error
            link.close()
        time.sleep(_RETRY)
    host, port = seat.addresses[rank]
    raise NotMet(f"rank {rank} was not reached at {host}:{port}: {reason}")


def _accept(seat: Seat, listener: socket.socket, links: _Links, until: float) -> None:
    """Take the connections of all higher ranks; those of strangers are closed."""
    higher = range(seat.rank + 1, seat.size)
    expected = {(rank, use) for rank in higher for use in (_VALUES, _PULSE)}
    listener.setblocking(False)
    with selectors.DefaultSelector() as ready:
        ready.register(listener, selectors.EVENT_READ)
        while missing := expected - set(links):
            left = until - time.monotonic()
            if left <= 0:
                names = "rank " + ", ".join(map(str, sorted({rank for rank, _ in missing})))
                raise NotMet(f"{names} of {seat.size} did not connect to rank {seat.rank}")
            if not ready.select(left):
                continue
            with suppress(BlockingIOError):
                link, _ = listener.accept()
                place = _welcomed(seat, link, missing)
                if place is None:
                    link.close()
                else:
                    links[place] = link


def _welcomed(
    seat: Seat, link: socket.socket, missing: set[tuple[int, str]]
) -> tuple[int, str] | None:
    """The rank of a process that connected and what for; None where it is not a member that is
    missing."""
    try:
        link.settimeout(_GREETING)
        said = _heard(link)
        rank, use = said.get("rank"), said.get("use")
        if said.get("token") != seat.token or said.get("size") != seat.size:
            return None
        if not isinstance(rank, int) or not isinstance(use, str) or (rank, use) not in missing:
            return None
        _say(link, {"rank": seat.rank})
    except (OSError, ValueError):
        return None
    return rank, use


def _say(link: socket.socket, said: dict[str, str | int]) -> None:
    body = json.dumps(said).encode()
    link.sendall(_LENGTH.pack(_MAGIC, len(body)) + body)


def _heard(link: socket.socket) -> dict[str, object]:
    """Raises ValueError where something else was said."""
    magic, length = _LENGTH.unpack(_exactly(link, _LENGTH.size))
    if magic != _MAGIC or length > _LONGEST:
        raise ValueError("it does not speak declspore's protocol")
    found = parsed(_exactly(link, length))
    if not isinstance(found, dict):
        raise ValueError("it does not speak declspore's protocol")
    return found


def _exactly(link: socket.socket, count: int) -> bytes:
    found = b""
    while len(found) < count:
        part = link.recv(count - len(found))
        if not part:
            raise ValueError("it closed the connection")
        found += part
    return found


def addresses_of(listeners: Sequence[socket.socket]) -> tuple[Address, ...]:
    """Where sockets listen."""
    return tuple((name[0], name[1]) for name in (each.getsockname() for each in listeners))
