"""How a lock names places, and what a spec states of files."""

from __future__ import annotations

import os

from declspore.ir.term import Term


def stated_digest(term: Term) -> str | None:
    """The digest the spec states for a file."""
    return term.arguments.get("sha256")


def recorded_path(path: str, folder: str) -> str:
    """A path as a lock in ``folder`` records it: relative to it, unless it was named absolutely
    and leads elsewhere."""
    relative = os.path.relpath(path, folder or ".")
    if os.path.isabs(path) and relative.split(os.sep)[0] == os.pardir:
        return path
    return relative.replace(os.sep, "/")


def resolved_path(recorded: str, folder: str) -> str:
    """The path a lock's record leads to, relative to the working folder."""
    return os.path.normpath(os.path.join(folder, recorded))
