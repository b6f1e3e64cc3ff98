"""Versions of what computed."""

from __future__ import annotations

import platform
from importlib.metadata import PackageNotFoundError, version

from declspore.plan.task import TaskPlan

_OF_EDITS = ("declspore", "numpy")
_OF_NETWORKS = ("keras", "tensorflow")
_OF_DATA = ("scikit-learn", "pyarrow", "pillow", "opencv-python-headless")
"""What some sources and transforms are read with, where it is installed."""


_UNKNOWN = "unknown"


def versions_of(plan: TaskPlan) -> dict[str, str]:
    """Python, and the packages a task's numbers come from."""
    names = _OF_EDITS + _OF_NETWORKS if plan.task.kind.computes else _OF_EDITS
    found = {name: _version(name) for name in names}
    if plan.dataset is not None:
        known = {name: _version(name) for name in _OF_DATA}
        found |= {name: number for name, number in known.items() if number != _UNKNOWN}
    return {"python": platform.python_version(), **found}


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return _UNKNOWN
