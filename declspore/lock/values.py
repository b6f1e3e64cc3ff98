"""Where the values of a checkpoint lie in its file."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from declspore.checkpoint.filebytes import FileBytes
from declspore.checkpoint.reader import Checkpoint, Entry, Indexed

Span = tuple[int, int, int]
"""Bytes ``start`` to ``end`` of a file belong to the value at a place in its order."""


class Values(NamedTuple):
    """The ``spans`` of values in the order of their starts, and how many ``parts`` those have that
    do not have one. Values ``apart`` are not bytes of the file (they are encrypted, or packed)."""

    spans: Iterator[Span]
    parts: Mapping[int, int]
    apart: Sequence[int]


def values_in(checkpoint: Checkpoint, places: Sequence[int]) -> Values:
    """Those at some places of the order of a file."""
    entries = checkpoint.entries
    if not isinstance(entries, Indexed):
        return _of_each(entries, places)
    if not isinstance(entries.source, FileBytes):
        return Values(iter(()), {}, places)
    spans = ((*span, place) for place, span in enumerate(entries.contents()))
    if len(places) < len(entries):
        wanted = set(places)
        spans = (span for span in spans if span[2] in wanted)
    return Values(spans, {}, ())


def _of_each(entries: Sequence[Entry], places: Iterable[int]) -> Values:
    spans: list[Span] = []
    parts: dict[int, int] = {}
    apart: list[int] = []
    for place in places:
        entry = entries[place]
        if not _lies_open(entry):
            apart.append(place)
            continue
        spans += [(part.start, part.end, place) for part in entry.parts]
        if len(entry.parts) != 1:
            parts[place] = len(entry.parts)
    return Values(iter(sorted(spans)), parts, apart)


def _lies_open(entry: Entry) -> bool:
    """Whether the value's bytes are bytes of the file, in order."""
    starts = [part.start for part in entry.parts]
    return bool(starts) and isinstance(entry.source, FileBytes) and starts == sorted(starts)
