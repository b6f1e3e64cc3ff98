"""Paths as tuples of segments, with synonyms of the last one taken as one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping

Segments = tuple[str, ...]

_SYNONYMS = {
    "scale": ("weight", "gamma", "embedding_table", "kernel"),
    "shift": ("bias", "beta"),
    "mean": ("moving_mean", "running_mean"),
    "variance": ("moving_variance", "running_var"),
}
_MEANING = {word: f"\0{meaning}" for meaning, words in _SYNONYMS.items() for word in words}


def means(segment: str) -> bool:
    """Whether a segment is the meaning that synonyms were replaced by."""
    return segment.startswith("\0")


def meanings(names: Iterable[str]) -> dict[str, Segments]:
    """Each name as segments, ``gamma`` and ``weight`` alike taken as one meaning.

    Where both exist next to each other (a scale next to a weight), they are different things and
    keep their words.
    """
    split = {name: tuple(name.split(".")) for name in names}
    meant = {name: (*path[:-1], _MEANING.get(path[-1], path[-1])) for name, path in split.items()}
    counts = Counter(meant.values())
    return {name: path if counts[path] == 1 else split[name] for name, path in meant.items()}


class Beginnings:
    """How far a path agrees with some path of a set."""

    def __init__(self, paths: Iterable[Segments]) -> None:
        self._known = {path[:end] for path in paths for end in range(1, len(path) + 1)}

    def depth(self, path: Segments) -> int:
        for end in range(len(path), 0, -1):
            if path[:end] in self._known:
                return end
        return 0


def representatives(
    paths: Mapping[Segments, tuple[int, ...]], each: int, most: int
) -> list[tuple[Segments, Segments, tuple[int, ...]]]:
    """Some of the paths, evenly chosen: the path, the path without its numbers, the shape.

    Of those that differ in numbers only, ``each`` are enough to learn from; ``most`` in all.
    """
    counts: Counter[tuple[Segments, tuple[int, ...]]] = Counter()
    found = []
    for path, shape in paths.items():
        plain = tuple("#" if segment.isdigit() else segment for segment in path)
        counts[plain, shape] += 1
        if counts[plain, shape] <= each:
            found.append((path, plain, shape))
    step = -(-len(found) // most) or 1
    return found[::step]
