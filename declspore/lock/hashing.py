"""Digests of a file and of the values in it, in one pass over its bytes."""

from __future__ import annotations

import os
from collections.abc import Iterator

from blake3 import blake3

from declspore.checkpoint.filebytes import FileBytes
from declspore.lock.tensors import SIZE
from declspore.lock.values import Span, Values

BUFFER = 1 << 19
"""Bytes read and hashed at once: what a processor keeps near it, so that hashing it twice takes
less than fetching it from memory or from the processor of another thread."""


def digest_all(file: FileBytes, values: Values, digests: bytearray) -> str:
    """The digest of an open file; those of values are put into ``digests``, by their places. Raises
    DiagnosticError where it cannot be read to its end."""
    whole = blake3()
    hashes = _Hashes(values, digests)
    for start, data in buffers(file):
        whole.update(data)
        hashes.take(start, data)
    hashes.end()
    return whole.hexdigest()


class _Hashes:
    """Hashes values as the bytes of their file come by. A hash takes 2 KB, so that one is there
    only from the first byte of a value to its last."""

    def __init__(self, values: Values, digests: bytearray) -> None:
        self._spans = values.spans
        self._next = next(values.spans, None)
        self._left = dict(values.parts)
        self._digests = digests
        self._begun: list[Span] = []
        """Spans whose end is yet to come."""
        self._hashes: dict[int, blake3] = {}

    def take(self, start: int, data: memoryview) -> None:
        """Take in the bytes that follow those before, and lie from ``start`` on."""
        end = start + len(data)
        begun, self._begun = self._begun, []
        for each in begun:
            self._part(each, start, data)
        span = self._next
        while span is not None and span[0] < end:
            first, last, place = span
            if last <= end and place not in self._left:
                hash = blake3(data[first - start : last - start])
                self._digests[SIZE * place : SIZE * (place + 1)] = hash.digest()
            else:
                self._part(span, start, data)
            span = next(self._spans, None)
        self._next = span

    def end(self) -> None:
        """All bytes came by."""
        if self._next is not None:  # values without a byte lie at the end
            for first, last, place in (self._next, *self._spans):
                self._part((first, last, place), first, memoryview(b""))

    def _part(self, span: Span, start: int, data: memoryview) -> None:
        """Hash what a buffer holds of a span."""
        first, last, place = span
        hash = self._hashes.get(place)
        if hash is None:
            hash = self._hashes[place] = blake3()
        end = start + len(data)
        hash.update(data[max(first - start, 0) : last - start])
        if last > end:
            self._begun.append((end, last, place))
            return
        left = self._left.get(place, 1) - 1
        if left:
            self._left[place] = left
            return
        self._digests[SIZE * place : SIZE * (place + 1)] = hash.digest()
        del self._hashes[place]


def buffers(file: FileBytes) -> Iterator[tuple[int, memoryview]]:
    """The bytes of a file with where they begin: use them, then continue."""
    buffer = memoryview(bytearray(min(BUFFER, max(file.size, 1))))
    with file.borrowed() as fd:
        _expect_sequential(fd)
    for start in range(0, file.size, BUFFER):
        data = buffer[: min(BUFFER, file.size - start)]
        file.readinto(start, data)
        yield start, data


def _expect_sequential(fd: int) -> None:
    advise = getattr(os, "posix_fadvise", None)
    if advise is not None:
        advise(fd, 0, 0, os.POSIX_FADV_SEQUENTIAL)
