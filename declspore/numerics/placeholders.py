"""Paths of checkpoints with the place in the training filled in."""

from __future__ import annotations

import re


def placed(path: str, epoch: int, step: int, figure: float = 0.0) -> str:
    """A path with its placeholders filled in."""
    return path.format(epoch=epoch, step=step, figure=figure)


PLACEHOLDER = re.compile(r"\{[^{}]*\}")


def is_placed(path: str, found: object) -> bool:
    """Whether a path may be ``path`` with its placeholders filled in: numbers hold no separator."""
    own = r"[^/\\]+".join(map(re.escape, PLACEHOLDER.split(path)))
    return isinstance(found, str) and re.fullmatch(own, found, re.DOTALL) is not None


def is_saved(path: str, row: object, at: int) -> bool:
    """Whether a row of a state is a pair of a number and, at the place ``at``, such a path.

    Files of a state are deleted later, so that it must not name any other.
    """
    return (
        isinstance(row, list)
        and len(row) == 2
        and is_placed(path, row[at])
        and isinstance(row[1 - at], int | float)
    )
