"""Versions of what computed."""

from __future__ import annotations

import platform
from importlib.metadata import PackageNotFoundError, version

from declspore.plan.task import TaskPlan

_OF_EDITS = ("declspore", "numpy")
_OF_NETWORKS = ("keras", "tensorflow")


def versions_of(plan: TaskPlan) -> dict[str, str]:
    """Python, and the packages a task's numbers come from."""
    names = _OF_EDITS + _OF_NETWORKS if plan.task.kind.computes else _OF_EDITS
    found = {name: _version(name) for name in names}
    return {"python": platform.python_version(), **found}


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "unknown"
