"""Work on bytes that several threads share: the system and the libraries below copy, add up and
decrypt without holding Python's lock."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from itertools import cycle
from typing import TypeVar

WORTH_IT = 4 << 20
"""Bytes from which on starting threads pays."""
_MOST = 8

_Item = TypeVar("_Item")
_Found = TypeVar("_Found")


def share(work: Callable[[_Item], _Found], items: Iterable[_Item]) -> list[_Found]:
    """What ``work`` gives for each item, in their order; raises what it raises.

    Two threads for each processor, so that one works while another waits for the system.
    """
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(min(2 * (os.cpu_count() or 1), _MOST)) as pool:
        return list(pool.map(work, items))


_AHEAD = 4
"""Buffers: one is used while others are filled."""


def ahead(
    fill: Callable[[Callable[[], memoryview]], Iterator[memoryview]], length: int
) -> Iterator[memoryview]:
    """What ``fill`` yields, filled by a thread while earlier pieces are used.

    ``fill`` is given a function that hands out the next buffer of ``length`` bytes. A piece is
    good until the next one is asked for. Raises what ``fill`` raises.
    """
    from queue import SimpleQueue
    from threading import Semaphore, Thread

    room = Semaphore(_AHEAD)
    ring = cycle([memoryview(bytearray(length)) for _ in range(_AHEAD)])
    filled: SimpleQueue[memoryview | BaseException | None] = SimpleQueue()
    left = False

    def buffer() -> memoryview:
        room.acquire()
        if left:
            raise _Left
        return next(ring)

    def work() -> None:
        try:
            for piece in fill(buffer):
                filled.put(piece)
            filled.put(None)
        except BaseException as error:
            filled.put(error)

    thread = Thread(target=work, name="read ahead", daemon=True)
    thread.start()
    try:
        while (piece := filled.get()) is not None:
            if isinstance(piece, BaseException):
                raise piece
            yield piece
            room.release()
    finally:
        left = True
        room.release()
        thread.join()


class _Left(Exception):
    """Nothing more is asked for."""
