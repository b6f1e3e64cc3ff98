"""Filling memory from sources, large amounts by several threads."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from declspore.checkpoint.bytesource import ByteRange, ByteSource
from declspore.checkpoint.threads import WORTH_IT, share

_BLOCK = 32 << 20
"""Bytes that one thread reads at once."""


class Read(NamedTuple):
    """Bytes of a source, from ``start`` on, and the memory they go into."""

    source: ByteSource
    start: int
    target: memoryview


def reads(source: ByteSource, parts: Iterable[ByteRange], target: memoryview) -> Iterator[Read]:
    """What fills memory with ranges of a source, one after the other: at most a block at once."""
    for part in parts:
        for start in range(part.start, part.end, _BLOCK):
            count = min(_BLOCK, part.end - start)
            yield Read(source, start, target[:count])
            target = target[count:]


def fill(shares: list[list[Read]]) -> None:
    """Read what several threads share, where there is enough of it and the sources allow it."""
    alone = [read for each in shares for read in each]
    worth_it = len(shares) > 1 and sum(len(read.target) for read in alone) >= WORTH_IT
    if worth_it and all(read.source.concurrent for read in alone):
        share(_in_turn, shares)
    else:
        _in_turn(alone)


def fill_one(source: ByteSource, parts: Iterable[ByteRange], target: memoryview) -> None:
    """Fill memory with ranges of a source, one after the other."""
    fill([[read] for read in reads(source, parts, target)])


def in_memory(source: ByteSource, parts: Sequence[ByteRange]) -> memoryview:
    """Ranges of a source, one after the other, copied; read-only."""
    target = memoryview(bytearray(sum(map(len, parts))))
    fill_one(source, parts, target)
    return target.toreadonly()


def _in_turn(alone: Iterable[Read]) -> None:
    for read in alone:
        read.source.readinto(read.start, read.target)
