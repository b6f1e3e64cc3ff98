"""``mindspore.dataset.transforms``: transforms of any column."""

from __future__ import annotations

import sys
from typing import Any

from declspore.dataset.drawn import RandomApply, RandomChoice, RandomOrder
from declspore.dataset.operations import Compose, TypeCast, change_kinds, transform_maker
from declspore.porting.homes import alias
from declspore.porting.names import refused, table

__all__ = ["Compose", "RandomApply", "RandomChoice", "RandomOrder", "TypeCast"]
_OLD_HOMES = ("c_transforms", "py_transforms")


alias(__name__, _OLD_HOMES)


def __getattr__(name: str) -> Any:
    if name in _OLD_HOMES:
        return sys.modules[__name__]
    for kind in change_kinds():
        if kind.name == name and name in table()["mindspore.dataset.transforms"]:
            made = transform_maker(kind)
            globals()[name] = made
            return made
    raise refused("mindspore.dataset.transforms", name, __dir__())


def __dir__() -> list[str]:
    known = table()["mindspore.dataset.transforms"]
    return sorted({*__all__, *(kind.name for kind in change_kinds() if kind.name in known)})
