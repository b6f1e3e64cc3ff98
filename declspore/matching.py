"""Paths that match a pattern, found in bounded time.

As :mod:`glob`: ``*``, ``?`` and ``[...]`` within a name, ``**`` for folders at any depth. Links to
folders are not followed by ``**``, so that a walk ends, and a walk that sees too many files is
given up.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from fnmatch import translate
from glob import has_magic

MOST_SEEN = 200_000
MOST_SAMPLES = 5_000_000
"""Of files that are samples each."""


class TooMany(Exception):
    """A pattern makes more files to be looked at than one can mean."""


def matching(pattern: str, most: int | None = None) -> list[str]:
    """The paths, sorted. Raises TooMany where more than ``most`` files are looked at, by default
    :data:`MOST_SEEN`."""
    parts = pattern.split("/")
    start = "/" if pattern.startswith("/") else ""
    return sorted(
        set(
            _Walk(MOST_SEEN if most is None else most).found(
                start, [part for part in parts if part]
            )
        )
    )


class _Walk:
    def __init__(self, most: int) -> None:
        self._left = most

    def found(self, folder: str, parts: list[str]) -> Iterator[str]:
        if not parts:
            yield folder
            return
        first, *rest = parts
        if first == "**":
            yield from self._below(folder, rest)
        elif has_magic(first):
            wanted = re.compile(translate(first))
            hidden = first.startswith(".")
            for entry in self._entries(folder):
                if wanted.match(entry.name) and (hidden or not entry.name.startswith(".")):
                    yield from self._deeper(_joined(folder, entry.name), rest)
        else:
            yield from self._deeper(_joined(folder, first), rest)

    def _deeper(self, path: str, rest: list[str]) -> Iterator[str]:
        if rest:
            yield from self.found(path, rest)
        elif os.path.lexists(path):
            yield path

    def _below(self, folder: str, rest: list[str]) -> Iterator[str]:
        waiting = [folder]
        while waiting:
            here = waiting.pop()
            yield from self.found(here, rest or ["*"])
            for entry in self._entries(here):
                if not entry.name.startswith(".") and entry.is_dir(follow_symlinks=False):
                    waiting.append(_joined(here, entry.name))

    def _entries(self, folder: str) -> Iterator[os.DirEntry[str]]:
        try:
            with os.scandir(folder or ".") as entries:
                for entry in entries:
                    self._left -= 1
                    if self._left < 0:
                        raise TooMany
                    yield entry
        except (OSError, ValueError):
            return  # what cannot be read has no match


def _joined(folder: str, name: str) -> str:
    return f"{folder}{name}" if folder in ("", "/") else f"{folder}/{name}"
