"""The connections of one rank to all others, and exchanges over all of them at once."""

from __future__ import annotations

import json
import selectors
import socket
import struct
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import field

from declspore.dataclass import dataclass
from declspore.devices.errors import Lost

_HEAD = struct.Struct("<4sIQ")
"""The head of a message: its kind, its number, and how many bytes follow."""
_VALUE, _END = b"dsp1", b"dspE"
_MOST = 1 << 40
_FILLED = 1 << 12
_DRAIN = 1.0
"""Seconds in which the others may still read what this rank said last."""


def prepare(link: socket.socket) -> socket.socket:
    """Small messages leave at once, and a machine that disappeared is noticed within 15 s."""
    link.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    link.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for name, value in (
        ("TCP_KEEPIDLE", 5),
        ("TCP_KEEPINTVL", 3),
        ("TCP_KEEPCNT", 3),
        ("TCP_USER_TIMEOUT", 15000),
    ):
        if hasattr(socket, name):
            link.setsockopt(socket.IPPROTO_TCP, getattr(socket, name), value)
    link.setblocking(False)
    return link


@dataclass
class _Sending:
    """What is still to be sent to one rank."""

    parts: list[memoryview]

    def advance(self, link: socket.socket) -> bool:
        """Send what can be sent now; whether all of it is."""
        while self.parts:
            sent = link.send(self.parts[0])
            self.parts[0] = self.parts[0][sent:]
            if self.parts[0]:
                return False
            del self.parts[0]
        return True


@dataclass
class _Receiving:
    """A message of one rank that is coming in, to ``room`` where it is as long as that."""

    room: memoryview | None = None
    head: bytearray = field(default_factory=lambda: bytearray(_HEAD.size))
    body: memoryview | None = None
    done: int = 0

    def advance(self, link: socket.socket) -> bool:
        """Receive what is there; whether the message is complete. Raises EOFError at the end of
        the connection."""
        while True:
            target = memoryview(self.head) if self.body is None else self.body
            if self.done < len(target):
                count = link.recv_into(target[self.done :])
                if not count:
                    raise EOFError
                self.done += count
                if self.done < len(target):
                    return False
            if self.body is not None:
                return True
            length = _HEAD.unpack(self.head)[2]
            if length > _MOST:
                raise EOFError
            fits = self.room is not None and len(self.room) == length
            self.body, self.done = (self.room if fits else _memory(length)), 0


def _memory(length: int) -> memoryview:
    """Memory that is not filled first, as a bytearray's is."""
    if length <= _FILLED:
        return memoryview(bytearray(length))
    import numpy as np

    return np.empty(length, np.uint8).data


class Mesh:
    """One connection to each other rank. ``step`` is what messages say of the place."""

    def __init__(self, rank: int, links: Mapping[int, socket.socket]) -> None:
        self.rank, self.size, self.step = rank, len(links) + 1, 0
        self._links, self._number = dict(links), 0
        self._failure: Lost | None = None

    @property
    def failure(self) -> Lost | None:
        """Why this group ended, once it did."""
        return self._failure

    def swap(
        self,
        outgoing: Mapping[int, memoryview],
        rooms: Mapping[int, memoryview] | None = None,
    ) -> dict[int, memoryview]:
        """Send a message to every other rank and receive one from each, into ``rooms`` where those
        are given. Raises Lost."""
        if self._failure is not None:
            raise self._failure
        self._number += 1
        sending = {
            rank: _Sending([memoryview(self._head(_VALUE, len(body))), body])
            for rank, body in outgoing.items()
        }
        receiving = {rank: _Receiving((rooms or {}).get(rank)) for rank in self._links}
        with selectors.DefaultSelector() as ready:
            for rank, link in self._links.items():
                ready.register(link, selectors.EVENT_READ | selectors.EVENT_WRITE, rank)
            while ready.get_map():
                for key, mask in ready.select():
                    self._advance(ready, key, mask, sending, receiving)
        return {rank: self._checked(rank, found) for rank, found in receiving.items()}

    def _advance(
        self,
        ready: selectors.BaseSelector,
        key: selectors.SelectorKey,
        mask: int,
        sending: dict[int, _Sending],
        receiving: dict[int, _Receiving],
    ) -> None:
        rank, link = key.data, self._links[key.data]
        waits = key.events
        try:
            if mask & selectors.EVENT_READ and receiving[rank].advance(link):
                waits &= ~selectors.EVENT_READ
                self._checked(rank, receiving[rank])
            if mask & selectors.EVENT_WRITE and sending[rank].advance(link):
                waits &= ~selectors.EVENT_WRITE
        except BlockingIOError:
            pass
        except EOFError:
            raise self._lose(rank, "ended") from None
        except OSError as error:
            self._told(rank, receiving[rank])
            raise self._lose(rank, f"is lost ({error.strerror or error})") from None
        if waits != key.events:
            if waits:
                ready.modify(link, waits, rank)
            else:
                ready.unregister(link)

    def _told(self, rank: int, receiving: _Receiving) -> None:
        """A rank that can no longer be written to may have said why before."""
        with suppress(OSError, EOFError):
            if receiving.advance(self._links[rank]):
                self._checked(rank, receiving)

    def _checked(self, rank: int, found: _Receiving) -> memoryview:
        kind, number, _ = _HEAD.unpack(found.head)
        assert found.body is not None
        if kind == _END:
            said = json.loads(bytes(found.body))
            raise self._fail(Lost(int(said["rank"]), self.step, str(said["reason"])))
        if kind != _VALUE or number != self._number:
            raise self._lose(rank, "sent something else than was expected")
        return found.body

    def _lose(self, rank: int, reason: str) -> Lost:
        return self._fail(Lost(rank, self.step, reason))

    def _fail(self, failure: Lost) -> Lost:
        if self._failure is None:
            self._failure = failure
            self.end(failure.rank, failure.reason)
        return self._failure

    def _head(self, kind: bytes, length: int) -> bytes:
        return _HEAD.pack(kind, self._number, length)

    def end(self, rank: int | None = None, reason: str = "ended") -> None:
        """Say to all others that a rank ended (this one where none is given), and close."""
        links, self._links = self._links, {}
        body = json.dumps({"rank": self.rank if rank is None else rank, "reason": reason}).encode()
        for link in links.values():
            with suppress(OSError):
                link.send(self._head(_END, len(body)) + body)
                link.shutdown(socket.SHUT_WR)
        until = time.monotonic() + _DRAIN
        for link in links.values():
            with suppress(OSError):
                # a connection that is closed with unread data drops what was sent last
                link.settimeout(max(until - time.monotonic(), 0.01))
                while link.recv(1 << 16) and time.monotonic() < until:
                    pass
            link.close()

    def close(self) -> None:
        """End without a word: all of it was said."""
        for link in self._links.values():
            link.close()
        self._links = {}
