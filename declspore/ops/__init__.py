"""Rooms of ops: functions that ``construct`` may call. For scripts, ``mindspore.ops``.

``ops.relu(x)`` is found when it is first asked for: it needs the compiler, which the vocabulary
must not import.
"""

from __future__ import annotations

import importlib
from typing import Any

_OLD_HOMES = ("operations", "functional", "composite", "function", "primitive")


def __getattr__(name: str) -> Any:
    if name.startswith("_"):
        raise AttributeError(name)
    if name in _OLD_HOMES:
        return importlib.import_module("declspore.ops")
    value = importlib.import_module("declspore.eager.functions").function(name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    found: list[str] = importlib.import_module("declspore.eager.functions").names()
    return found
