"""The group this process belongs to."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from declspore.devices.group import Alone, Group

_GROUPS: list[Group] = []


def current_group() -> Group:
    """The group that was joined last; a process by itself where none was."""
    return _GROUPS[-1] if _GROUPS else Alone()


@contextmanager
def joined(group: Group) -> Iterator[None]:
    """Belong to a group within the block."""
    _GROUPS.append(group)
    try:
        yield
    finally:
        _GROUPS.pop()
