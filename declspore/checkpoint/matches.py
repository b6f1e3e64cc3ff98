"""The files that a pattern means, found in bounded time."""

from __future__ import annotations

import os

from declspore.checkpoint.errors import unreadable
from declspore.matching import MOST_SEEN, TooMany, matching


def matches_of(pattern: str) -> list[str]:
    """The paths, sorted. Raises DiagnosticError where too many files would be looked at."""
    try:
        return matching(pattern)
    except TooMany:
        reason = f"more than {MOST_SEEN:,} files would be looked at; name a folder before `**`"
        raise unreadable(pattern, reason) from None


def files_of(pattern: str) -> list[str]:
    """Those that are files."""
    return [path for path in matches_of(pattern) if os.path.isfile(path)]
