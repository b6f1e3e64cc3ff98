"""Digests that a new file has from the files that its values were copied from."""

from __future__ import annotations

from array import array
from collections.abc import Mapping

from declspore.checkpoint.reader import Checkpoint, Copy
from declspore.lock.digest import Known
from declspore.lock.tensors import SIZE, TensorDigests


def taken_over(checkpoint: Checkpoint, tables: Mapping[int, TensorDigests | None]) -> Known:
    """The digests of entries that were copied from files whose digests are known, by the ``id`` of
    the source, and the places of the others."""
    assert checkpoint.copies is not None
    names = checkpoint.header.names
    following = iter(checkpoint.copies)
    copy = next(following, None)
    found = _Found(len(names), tables)
    for place, name in enumerate(names):
        if copy is not None and copy.name == name:
            found.add(place, copy)
            copy = next(following, None)
        else:
            found.add(place, None)
    if copy is None:
        return found.known()
    # the format has an order of its own
    by_name = {copy.name: copy for copy in checkpoint.copies}
    found = _Found(len(names), tables)
    for place, name in enumerate(names):
        found.add(place, by_name.get(name))
    return found.known()


class _Found:
    """Digests in the making, in the order of the new file."""

    def __init__(self, count: int, tables: Mapping[int, TensorDigests | None]) -> None:
        self._tables = tables
        self._digests = bytearray(SIZE * count)
        self._left = array("I")

    def add(self, place: int, copy: Copy | None) -> None:
        table = None if copy is None else self._tables.get(id(copy.source))
        if copy is None or table is None:
            self._left.append(place)
        else:
            self._digests[SIZE * place : SIZE * (place + 1)] = table.digest(copy.place)

    def known(self) -> Known:
        return Known(self._digests, self._left)
