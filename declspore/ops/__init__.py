"""Rooms of ops: functions that ``construct`` may call. For scripts, ``mindspore.ops``.

``ops.relu(x)`` is found when it is first asked for: it needs the compiler, which the vocabulary
must not import.
"""

from __future__ import annotations

import importlib
import sys
from typing import TYPE_CHECKING

from declspore.porting.homes import alias

_OLD_HOMES = ("operations", "functional", "composite", "function", "primitive")

alias(__name__, _OLD_HOMES)


def _found(name: str) -> object:
    if name.startswith("_"):
        raise AttributeError(name)
    if name in _OLD_HOMES:
        return sys.modules[__name__]
    value = importlib.import_module("declspore.eager.functions").function(name)
    globals()[name] = value
    return value


if TYPE_CHECKING:
    from declspore.typed.ops import *
else:
    __getattr__ = _found


def __dir__() -> list[str]:
    found: list[str] = importlib.import_module("declspore.eager.functions").names()
    return found
