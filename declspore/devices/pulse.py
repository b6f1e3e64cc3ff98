"""The heartbeat between ranks, over connections of its own.

Once a second, a thread sends a beat to every other rank, whatever this process does otherwise: it
may read data, compile, validate or save for hours. It also listens to the others. A connection that
closes without a goodbye, and a rank that is silent for too long (a stopped process, a machine
without a network), are a loss, also while this rank works by itself.

What is sent are lines: an empty one is a beat, ``bye`` ends it, and JSON says why a rank ended.
"""

from __future__ import annotations

import json
import selectors
import socket
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import TypeAlias

from declspore.dataclass import dataclass
from declspore.devices.errors import ending_of
from declspore.devices.patience import INTERVAL, Patience
from declspore.untrusted_json import MALFORMED, parsed

_BEAT, _BYE = b"\n", b"bye\n"
_LONGEST = 1 << 16
_DRAIN = 1.0
"""Seconds in which the others may still read what this rank said last."""
_MEETING = 30.0
"""Seconds in which a rank that has met this one may still be meeting others."""
NOTICE = 5.0
"""Seconds in which a rank has to end by itself once another one is lost."""


@dataclass(frozen=True)
class LostLink:
    """The rank that is lost, and what is known of it."""

    rank: int
    reason: str


Unheeded: TypeAlias = Callable[[LostLink], None]
"""What is done where a process did not end by itself after a loss."""


def steady(link: socket.socket) -> socket.socket:
    """Small messages leave at once, and a machine that disappeared is noticed within 15 s."""
    link.setblocking(False)
    _set(link, socket.IPPROTO_TCP, "TCP_NODELAY", 1)
    _set(link, socket.SOL_SOCKET, "SO_KEEPALIVE", 1)
    for name, value in (("TCP_KEEPIDLE", 5), ("TCP_KEEPINTVL", 3), ("TCP_KEEPCNT", 3)):
        _set(link, socket.IPPROTO_TCP, name, value)
    return link


def _set(link: socket.socket, level: int, name: str, value: int) -> None:
    if hasattr(socket, name):
        link.setsockopt(level, getattr(socket, name), value)


def part(words: Mapping[socket.socket, bytes]) -> None:
    """Say a last word over connections, and close them once the others have read it."""
    for link, word in words.items():
        with suppress(OSError):
            link.send(word)
            link.shutdown(socket.SHUT_WR)
    until = time.monotonic() + _DRAIN
    for link in words:
        with suppress(OSError):
            # a connection that is closed with unread data drops what was sent last
            link.settimeout(max(until - time.monotonic(), 0.01))
            while link.recv(1 << 16) and time.monotonic() < until:
                pass
        link.close()


class Pulse:
    """The heartbeat of one rank. ``unheeded`` is called where :meth:`stop` has not been
    :data:`NOTICE` seconds after a loss."""

    def __init__(
        self,
        links: Mapping[int, socket.socket],
        patience: Patience,
        unheeded: Unheeded | None = None,
    ) -> None:
        self._links, self._patience, self._unheeded = dict(links), patience, unheeded
        self._heard = dict.fromkeys(links, b"")
        """The beginning of a line of each rank."""
        self._silent = dict.fromkeys(links, -_MEETING)
        self._loss: LostLink | None = None
        self._given_up = 0.0
        self._waker, self._woken = socket.socketpair()
        self._ready = selectors.DefaultSelector()
        self._ready.register(self._woken, selectors.EVENT_READ, None)
        for rank, link in self._links.items():
            # an unread beat is one that nothing acknowledged: the others always read
            _set(link, socket.IPPROTO_TCP, "TCP_USER_TIMEOUT", 15000)
            self._ready.register(link, selectors.EVENT_READ, rank)
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._beat, name="heartbeat", daemon=True)
        self._thread.start()

    @property
    def loss(self) -> LostLink | None:
        """The first rank that was lost."""
        return self._loss

    def stop(self, ending: LostLink | None = None) -> dict[socket.socket, bytes]:
        """End the heartbeat; what is still to be said to the others over which connections: why
        this rank ends, or goodbye."""
        if self._stopping.is_set():
            return {}
        self._stopping.set()
        self._waker.send(b".")
        self._thread.join()
        self._ready.close()
        self._waker.close()
        self._woken.close()
        word = _BYE
        if ending is not None:
            said = {"rank": ending.rank, "reason": ending.reason[: _LONGEST // 8]}
            word = json.dumps(said).encode() + b"\n"
        return dict.fromkeys(self._links.values(), word)

    # ---- the thread

    def _beat(self) -> None:
        last = time.monotonic()
        while not self._stopping.is_set():
            for rank in list(self._links):
                self._send(rank)
            until = last + INTERVAL
            while not self._stopping.is_set():
                left = max(until - time.monotonic(), 0.0)
                for key, _ in self._ready.select(left):
                    if key.data is not None and key.data in self._links:
                        self._read(key.data)
                if not left:
                    break
            now = time.monotonic()
            # of the time in which this process was stopped itself, nothing is known
            self._count(min(now - last, 2 * INTERVAL))
            last = now
            if self._loss and self._unheeded and now > self._given_up:
                given_up, self._unheeded = self._unheeded, None
                given_up(self._loss)

    def _count(self, seconds: float) -> None:
        for rank in self._links:
            self._silent[rank] += seconds
            if self._patience.silence is not None and self._silent[rank] > self._patience.silence:
                self._lose(rank, f"sent no heartbeat for {self._patience.silence:g} s")

    def _send(self, rank: int) -> None:
        try:
            self._links[rank].send(_BEAT)
        except BlockingIOError:
            pass
        except OSError as error:
            self._read(rank)  # it may have said goodbye before
            if rank in self._links:
                self._lose(rank, ending_of(error))
                self._drop(rank)

    def _read(self, rank: int) -> None:
        try:
            found = self._links[rank].recv(_LONGEST)
        except BlockingIOError:
            return
        except OSError as error:
            self._lose(rank, ending_of(error))
            self._drop(rank)
            return
        if not found:
            self._lose(rank, "ended")
            self._drop(rank)
            return
        self._silent[rank] = 0.0
        *lines, self._heard[rank] = (self._heard[rank] + found).split(b"\n")
        last = next(filter(None, lines), None)
        if last is not None:
            self._take(rank, last)
            self._drop(rank)
        elif len(self._heard[rank]) > _LONGEST:
            self._lose(rank, "sent something else than was expected")
            self._drop(rank)

    def _take(self, rank: int, line: bytes) -> None:
        if line + b"\n" == _BYE:
            return
        try:
            said = parsed(line)
            self._lose(int(said["rank"]), str(said["reason"]))
        except MALFORMED:
            self._lose(rank, "sent something else than was expected")

    def _lose(self, rank: int, reason: str) -> None:
        if self._loss is None:
            self._given_up = time.monotonic() + NOTICE
            self._loss = LostLink(rank, reason)

    def _drop(self, rank: int) -> None:
        link = self._links.pop(rank)
        self._ready.unregister(link)
        link.close()
