"""``mindspore.common``: tensors, parameters and element types under their older home."""

from __future__ import annotations

import importlib
import sys
from typing import Any

from declspore.porting.homes import alias
from declspore.porting.names import refused

_SUBMODULES = ("dtype", "initializer", "parameter", "tensor")


alias(__name__, ("api", "seed"))


def __getattr__(name: str) -> Any:
    if name in ("api", "seed"):
        return sys.modules[__name__]
    if name in _SUBMODULES:
        return importlib.import_module(f"declspore.common.{name}")
    top = importlib.import_module("declspore")
    if name.startswith("_") or name not in top.__all__:
        raise refused("mindspore.common", name, top.__all__)
    return getattr(top, name)


def __dir__() -> list[str]:
    top = importlib.import_module("declspore")
    return sorted({*top.__all__, *_SUBMODULES})
