"""Files of samples: their lists, and the lines of texts by number."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Sequence, Sized
from functools import lru_cache
from glob import has_magic
from typing import IO, Protocol, TypeVar

from declspore.dataclass import dataclass
from declspore.ir.tensors import Array, Numbers
from declspore.matching import MOST_SAMPLES, TooMany, matching
from declspore.registry.data import Unavailable
from declspore.registry.signature import Argument
from declspore.registry.types import Either, ListOf, Text
from declspore.regular import TooLarge, stream_of

PATHS = Either((ListOf(Text()), Text()))
"""A path, or a list of them."""

FOLDER = Argument("dataset_dir", Text(), help="folder of the files as published")

LONGEST = 1 << 26
"""Bytes that a line of a text or table may have."""

_AT_ONCE = 1 << 24

Stamps = tuple[tuple[str, int, int], ...]
T = TypeVar("T")


def paths_of(given: str | tuple[str, ...]) -> tuple[str, ...]:
    """The files that paths mean, which may hold ``*`` and ``?``. Raises Unavailable."""
    found: list[str] = []
    for path in (given,) if isinstance(given, str) else given:
        if os.path.isfile(path):
            found.append(path)
            continue
        matches = matches_of(path) if has_magic(path) else []
        if not matches:
            what = _what(path)
            raise Unavailable(f"{path} {what}" if not has_magic(path) else f"no file is {path}")
        found += matches
    if not found:
        raise Unavailable("the list of files is empty")
    return tuple(found)


def _what(path: str) -> str:
    """Why a path is not a file."""
    if os.path.isdir(path):
        return "is a folder"
    return "is not a regular file" if os.path.exists(path) else "does not exist"


class _Readable(Protocol):
    def read(self, size: int, /) -> bytes: ...


def copied(source: _Readable, target: IO[bytes], most: int) -> None:
    """What can be read of a stream, written to another. Raises TooLarge where it is more than
    ``most`` bytes or fills half of what is free for files without a name."""
    free = shutil.disk_usage(tempfile.gettempdir()).free // 2
    left = min(most, free)
    while chunk := source.read(1 << 20):
        left -= len(chunk)
        if left < 0:
            raise TooLarge(min(most, free))
        target.write(chunk)
    target.flush()


def matches_of(pattern: str) -> list[str]:
    """The files that match a pattern, sorted. Raises Unavailable where too many files would have to
    be looked at."""
    try:
        return [path for path in matching(pattern, MOST_SAMPLES) if os.path.isfile(path)]
    except TooMany:
        raise Unavailable(
            f"{pattern}: more than {MOST_SAMPLES:,} files would be looked at",
            "name a folder before the first `*`",
        ) from None


def in_parts(parts: Sequence[Sized], items: Numbers) -> tuple[Numbers, Numbers]:
    """The parts that items lie in, and their places there; parts come one after the other."""
    import numpy as np

    counts = np.asarray(list(map(len, parts)))
    ends = np.cumsum(counts)
    numbers = np.searchsorted(ends, items, side="right")
    return numbers, items - (ends - counts)[numbers]


def stamps_of(paths: Sequence[str]) -> Stamps:
    """The identity of files, which changes where another takes their place. Raises Unavailable."""
    try:
        found = [(path, os.stat(path)) for path in paths]
    except OSError as error:
        raise Unavailable(f"{error.filename} cannot be read: {error.strerror}") from None
    return tuple((path, status.st_mtime_ns, status.st_size) for path, status in found)


def not_utf8(place: str, error: UnicodeDecodeError) -> Unavailable:
    """What cannot be decoded, with the byte at fault."""
    byte = error.object[error.start]
    coding = "UTF-16" if byte in (0xFF, 0xFE) and error.start == 0 else "LATIN1"
    return Unavailable(
        f"{place} is not UTF-8: byte {error.start + 1} is {byte:#04x}",
        f"iconv -f {coding} -t UTF-8 FILE > NEW makes it so, where it is {coding}",
    )


QUOTED_HELP = "quoted = false, where quotes are characters of a text"


def remembered(function: Callable[[tuple[str, ...]], T]) -> Callable[[tuple[str, ...]], T]:
    """What is found in files, found again only where one of them has changed."""

    @lru_cache(maxsize=16)
    def found(stamps: Stamps) -> T:
        return function(tuple(path for path, _, _ in stamps))

    return lambda paths: found(stamps_of(paths))


@dataclass(frozen=True)
class Lines:
    """The lines of text files by number: ``files`` of each, ``begins`` and ``ends`` of its bytes
    without the line's end; ``rows`` is its number in its file, counted from 1."""

    paths: tuple[str, ...]
    files: Array
    begins: Array
    ends: Array
    rows: Array

    def __len__(self) -> int:
        return len(self.begins)

    def read(self, numbers: Array) -> list[bytes]:
        """The bytes of some lines. Raises Unavailable."""
        found: dict[int, bytes] = {}
        by_file: dict[int, list[int]] = {}
        for number in sorted(set(numbers.tolist())):
            by_file.setdefault(int(self.files[number]), []).append(number)
        for index, wanted in by_file.items():
            try:
                with stream_of(self.paths[index]) as file:
                    for number in wanted:
                        size = self.ends[number] - self.begins[number]
                        if size > LONGEST:
                            raise Unavailable(
                                f"{self.place(number)} has {size:,} bytes; "
                                f"a line may have {LONGEST:,}"
                            )
                        file.seek(self.begins[number])
                        found[number] = file.read(self.ends[number] - self.begins[number])
            except OSError as error:
                raise Unavailable(f"{self.paths[index]}: {error.strerror}") from None
        return [found[number] for number in numbers.tolist()]

    def place(self, number: int) -> str:
        return f"{self.paths[self.files[number]]}, line {self.rows[number]}"


def lines_of(paths: Sequence[str], quoted: bool, skipped: int) -> Lines:
    """The lines of files that are not empty, without the first ``skipped`` of each. Where
    ``quoted``, a line continues within double quotes. Raises Unavailable."""
    import numpy as np

    parts: list[tuple[Array, ...]] = []
    for index, path in enumerate(paths):
        begins, ends = _lines(path, quoted)
        rows = np.arange(1, len(begins) + 1)
        kept = np.flatnonzero((ends > begins) & (rows > skipped))
        files = np.full(len(kept), index, np.int32)
        parts.append((files, begins[kept], ends[kept], rows[kept]))
    return Lines(tuple(paths), *map(np.concatenate, zip(*parts, strict=True)))


def _lines(path: str, quoted: bool) -> tuple[Array, Array]:
    """Where lines begin and end."""
    import numpy as np

    try:
        with stream_of(path) as file:
            ends, returns = _stops(path, file, quoted)
    except OSError as error:
        raise Unavailable(f"{path} cannot be read: {error.strerror}") from None
    begins = np.concatenate([[0], ends[:-1] + 1]) if len(ends) else ends
    return begins, ends - returns


def _stops(path: str, file: IO[bytes], quoted: bool) -> tuple[Array, Array]:
    """Where lines end, and whether each ends with a carriage return, too."""
    import numpy as np

    stops, returns = [np.zeros(0, np.int64)], [np.zeros(0, bool)]
    begin, open_quotes, last, line = 0, 0, 0, 0
    while data := file.read(_AT_ONCE):
        chunk = np.frombuffer(data, np.uint8)
        places = np.flatnonzero(chunk == 10)
        if quoted:
            quotes = np.flatnonzero(chunk == 34)
            places = places[(np.searchsorted(quotes, places) + open_quotes) % 2 == 0]
            open_quotes += len(quotes)
        before = np.concatenate([[last], chunk])[places]  # what comes before each place
        stops.append(places + begin)
        returns.append(before == 13)
        begin, last = begin + len(chunk), int(chunk[-1])
        line = int(stops[-1][-1]) + 1 if len(places) else line
        if begin - line > LONGEST:
            number = sum(map(len, stops)) + 1
            raise Unavailable(f"{path}, line {number}: a line may have {LONGEST:,} bytes")
    if open_quotes % 2:
        raise Unavailable(f"{path}: a quote is opened and not closed", QUOTED_HELP)
    if begin > line:
        stops.append(np.asarray([begin]))
        returns.append(np.asarray([last == 13]))
    return np.concatenate(stops), np.concatenate(returns)
