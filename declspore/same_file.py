"""Whether two paths lead to one file."""

from __future__ import annotations

import os
from contextlib import suppress


def same_path(one: str, other: str) -> bool:
    """Whether two paths lead to one file, links followed; of files that do not exist yet, whether
    they would."""
    if os.path.realpath(one) == os.path.realpath(other):
        return True
    with suppress(OSError, ValueError):
        return os.path.samestat(os.stat(one), os.stat(other))
    return False
