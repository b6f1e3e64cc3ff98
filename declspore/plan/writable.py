"""Whether a file can be put at a place, before hours are spent on its contents."""

from __future__ import annotations

import os
import stat

from declspore.regular import kind_of


def why_unwritable(path: str, *, is_set: bool = False) -> str | None:
    """The reason why no file, or no folder that is a set of them, can be put there; None where it
    can."""
    if not path:
        return "its path is empty"
    if path.startswith("~"):
        return f"`~` is no folder here: {os.path.expanduser(path)}"
    if "://" in path:
        return "it is an address, and files are written to this machine"
    if path.endswith("/") and not is_set:
        return "its path ends as that of a folder"
    folder = os.path.dirname(os.path.abspath(path))
    while not os.path.lexists(folder):
        folder = os.path.dirname(folder)
    if os.path.isdir(path) and not is_set:
        return "it is a folder"
    if is_set and os.path.lexists(path) and not os.path.isdir(path):
        return "it is a file, and a sharded checkpoint needs a folder"
    if (kind := _not_a_file(path)) is not None:
        return kind
    if not os.path.isdir(folder):
        return f"{folder} is not a folder"
    if not os.access(folder, os.R_OK | os.W_OK | os.X_OK):
        return f"{folder} is not writable"
    return None


def _not_a_file(path: str) -> str | None:
    """What lies at a path that cannot be replaced by a file, if anything does."""
    try:
        mode = os.stat(path).st_mode
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (OSError, ValueError) as error:
        return getattr(error, "strerror", None) or str(error)
    is_usual = stat.S_ISREG(mode) or stat.S_ISDIR(mode)
    return None if is_usual else f"it is {kind_of(mode)}"
