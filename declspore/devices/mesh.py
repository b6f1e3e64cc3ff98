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
from declspore.devices.errors import Lost, ending_of
from declspore.devices.patience import Patience
from declspore.devices.pulse import LostLink, Pulse, part

_HEAD = struct.Struct("<4sIQ")
"""The head of a message: its kind, its number, and how many bytes follow."""
_VALUE, _END = b"dsp1", b"dspE"
_MOST = 1 << 40
_FILLED = 1 << 12
_LOOK = 0.5
"""Seconds after which one that waits looks whether another rank is lost."""


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
    """One connection to each other rank, and the heartbeat next to them. ``step`` is what messages
    say of the place."""

    def __init__(
        self, rank: int, links: Mapping[int, socket.socket], pulse: Pulse, patience: Patience
    ) -> None:
        self.rank, self.size, self.step = rank, len(links) + 1, 0
        self._links, self._number = dict(links), 0
        self._pulse, self._patience = pulse, patience
        self._failure: Lost | None = None

    def check(self) -> None:
        """Raises Lost where a rank was lost meanwhile."""
        if self._failure is not None:
            raise self._failure
        if (loss := self._pulse.loss) is not None:
            raise self._lose(loss.rank, loss.reason)

    def swap(
        self,
        outgoing: Mapping[int, memoryview],
        rooms: Mapping[int, memoryview] | None = None,
    ) -> dict[int, memoryview]:
        """Send a message to every other rank and receive one from each, into ``rooms`` where those
        are given. Raises Lost."""
        self.check()
        self._number += 1
        sending = {
            rank: _Sending([memoryview(self._head(_VALUE, len(body))), body])
            for rank, body in outgoing.items()
        }
        receiving = {rank: _Receiving((rooms or {}).get(rank)) for rank in self._links}
        with selectors.DefaultSelector() as ready:
            for rank, link in self._links.items():
                ready.register(link, selectors.EVENT_READ | selectors.EVENT_WRITE, rank)
            looked, waited = time.monotonic(), 0.0
            while ready.get_map():
                for key, mask in ready.select(_LOOK):
                    self._advance(ready, key, mask, sending, receiving)
                now = time.monotonic()
                # time in which this process was stopped itself is not one in which it waited
                looked, waited = now, waited + min(now - looked, 2 * _LOOK)
                self._check_waiting(ready, waited)
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
            raise self._lose(rank, ending_of(error)) from None
        if waits != key.events:
            if waits:
                ready.modify(link, waits, rank)
            else:
                ready.unregister(link)

    def _check_waiting(self, ready: selectors.BaseSelector, waited: float) -> None:
        """Raises Lost where a rank was lost, or those that are waited for have had their time."""
        keys = ready.get_map().values()
        if not keys:
            return
        self.check()
        if self._patience.exchange is not None and waited > self._patience.exchange:
            late = [key.data for key in keys if key.events & selectors.EVENT_READ]
            reason = f"did not answer for {self._patience.exchange:g} s"
            raise self._lose(min(late or [key.data for key in keys]), reason)

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
        ending = LostLink(self.rank if rank is None else rank, reason)
        body = json.dumps({"rank": ending.rank, "reason": reason}).encode()
        words = dict.fromkeys(links.values(), self._head(_END, len(body)) + body)
        part(words | self._pulse.stop(ending))

    def close(self) -> None:
        """End with a goodbye: all of it was said."""
        for link in self._links.values():
            link.close()
        self._links = {}
        part(self._pulse.stop())
