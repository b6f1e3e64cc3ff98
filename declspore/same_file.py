"""Whether two paths mean one file."""

from __future__ import annotations

import os
from collections.abc import Hashable
from contextlib import suppress


def file_id(path: str) -> Hashable:
    """What two paths have in common exactly when they mean one file.

    Symbolic links are followed, also to a file that does not exist yet: writing to such a path
    writes where the link points. A file that exists is the same under each of its names, be they
    hard links, names that differ in case only where the file system ignores that, or the folder
    under another mount.
    """
    with suppress(OSError, ValueError):
        found = os.stat(path)
        return found.st_dev, found.st_ino
    with suppress(OSError, ValueError):
        return os.path.realpath(path)
    return path


def inside(folder: str, path: str) -> bool:
    """Whether a path leads to something below a folder."""
    with suppress(OSError, ValueError):
        root, place = os.path.realpath(folder), os.path.realpath(path)
        return os.path.commonpath((root, place)) == root != place
    return False


def same_path(one: str, other: str) -> bool:
    """Whether two paths mean one file; see :func:`file_id`."""
    return file_id(one) == file_id(other)
