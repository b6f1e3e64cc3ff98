"""The answers of an interrupted prediction, batch by batch, in one file of data.

A line of JSON that says what they were made with, then records. A record is two lengths, a head of
JSON, arrays as their bytes, and the BLAKE3 of both: what a killed process left unfinished is
noticed, and so is what was changed. Everything before the first record that is not whole counts.
"""

from __future__ import annotations

import fcntl
import json
import math
import os
import stat
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import field
from typing import IO, TYPE_CHECKING

from blake3 import blake3

from declspore.dataclass import dataclass
from declspore.ir.dtype import BY_NUMPY
from declspore.plan.deciding import Recipe
from declspore.untrusted_json import MALFORMED, parsed

if TYPE_CHECKING:
    from declspore.tensor import Array

FORMAT = 1
_LONGEST_LINE = 1 << 20
_LENGTHS = 16
_DIGEST = 32
Texts = Sequence[object]
"""Strings, or lists of them."""


@dataclass(frozen=True)
class Record:
    """What is kept of a batch: arrays and texts by name, each with an item for every sample."""

    count: int
    arrays: Mapping[str, Array] = field(default_factory=dict)
    texts: Mapping[str, Texts] = field(default_factory=dict)


class Unusable(Exception):
    """A state that cannot be continued from, and why."""


def state_path(save: str) -> str:
    """Where the state of a prediction lies: next to the first file it writes."""
    return f"{save}.state"


def create(path: str, recipe: Recipe) -> IO[bytes]:
    """A new state, which only its owner may read. Raises OSError where there is one already."""
    flags = os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
    file = os.fdopen(os.open(path, flags, 0o600), "r+b", buffering=0)
    _lock(file)
    file.write(json.dumps({"format": FORMAT, "recipe": dict(recipe)}).encode() + b"\n")
    return file


def open_state(path: str) -> IO[bytes]:
    """A state to continue from, after its first line. Raises Unusable."""
    try:
        fd = os.open(path, os.O_RDWR | os.O_CLOEXEC | os.O_NONBLOCK | os.O_NOFOLLOW)
    except OSError as error:
        raise Unusable(error.strerror or str(error)) from None
    file = os.fdopen(fd, "r+b", buffering=0)
    if not stat.S_ISREG(os.fstat(fd).st_mode):
        file.close()
        raise Unusable("it is not a regular file")
    try:
        _lock(file)
    except OSError:
        file.close()
        raise Unusable("another process is at it") from None
    return file


def read_recipe(file: IO[bytes]) -> object:
    """What the answers were made with; the file is after it then. Raises Unusable."""
    file.seek(0)
    line = file.read(_LONGEST_LINE)
    line = line[: line.find(b"\n") + 1]
    try:
        found = parsed(line)
    except ValueError:
        raise Unusable("it is damaged, or not the state of a prediction") from None
    if not isinstance(found, dict) or found.get("format") != FORMAT:
        raise Unusable("it was written by another version of declspore")
    file.seek(len(line))
    return found.get("recipe")


def records(file: IO[bytes]) -> Iterator[Record]:
    """The whole records from here on; what follows the last one is cut off."""
    while True:
        start = file.tell()
        try:
            found = _record(file)
        except MALFORMED:
            found = None
        if found is None:
            file.seek(start)
            file.truncate()
            return
        yield found


def packed(record: Record) -> bytes:
    """A record as its bytes."""
    import numpy as np

    arrays = {name: np.ascontiguousarray(value) for name, value in record.arrays.items()}
    described = {name: [value.dtype.name, value.shape] for name, value in arrays.items()}
    head = json.dumps({"count": record.count, "arrays": described, "texts": dict(record.texts)})
    text = head.encode()
    data = b"".join(value.tobytes() for value in arrays.values())
    lengths = len(text).to_bytes(8, "little") + len(data).to_bytes(8, "little")
    return b"".join((lengths, text, data, blake3(text + data).digest()))


def append(file: IO[bytes], data: bytes) -> None:
    """Write all of the bytes at the end. Raises OSError."""
    view = memoryview(data)
    while view:
        view = view[file.write(view) :]


def remove_state(path: str) -> None:
    """Nothing is left of a prediction to continue."""
    with suppress(FileNotFoundError):
        os.unlink(path)


def _lock(file: IO[bytes]) -> None:
    """It is this process's. Raises OSError where it is another's."""
    fcntl.flock(file.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)


def _record(file: IO[bytes]) -> Record | None:
    """The record here; None where it is not whole. Raises what wrong bytes raise."""
    left = os.fstat(file.fileno()).st_size - file.tell() - _LENGTHS - _DIGEST
    lengths = file.read(_LENGTHS)
    if left < 0 or len(lengths) < _LENGTHS:
        return None
    first, second = (int.from_bytes(lengths[place : place + 8], "little") for place in (0, 8))
    if first + second > left:
        return None
    whole, digest = file.read(first + second), file.read(_DIGEST)
    if blake3(whole).digest() != digest:
        return None
    head = parsed(whole[:first])
    count = head["count"]
    arrays = dict(_arrays(head["arrays"], memoryview(whole)[first:], count))
    texts = head["texts"]
    if any(len(values) != count for values in texts.values()):
        raise ValueError("texts of another length")
    return Record(count, arrays, texts)


def _arrays(
    described: Mapping[str, tuple[str, Sequence[int]]], data: memoryview, count: int
) -> Iterator[tuple[str, Array]]:
    import numpy as np

    start = 0
    for name, (dtype, shape) in described.items():
        element = BY_NUMPY[dtype].as_numpy()
        end = start + math.prod(shape) * element.itemsize
        if shape[0] != count or end > len(data):
            raise ValueError("an array of another length")
        yield name, np.frombuffer(data[start:end], element).reshape(shape)
        start = end
