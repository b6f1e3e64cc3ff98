"""``mindspore.dataset.vision``: transforms of images, those of the vocabulary under their names."""

from __future__ import annotations

import sys
from enum import Enum
from typing import Any

from declspore.dataset.operations import change_kinds, transform_maker
from declspore.porting.homes import alias
from declspore.porting.names import refused

__all__ = ["Border", "Inter"]
_WORDS = {"Pad": "PadImage"}
"""MindSpore's names of what specs call otherwise, since other words have those."""
_OLD_HOMES = ("c_transforms", "py_transforms", "utils")


class Inter(Enum):
    """How images are resized; ``word`` is the vocabulary's."""

    NEAREST = 0
    ANTIALIAS = 1
    BILINEAR = 2
    LINEAR = 2
    BICUBIC = 3
    CUBIC = 3
    AREA = 4
    PILCUBIC = 5

    @property
    def word(self) -> str:
        """The name in a spec."""
        return self.name.lower()


class Border(Enum):
    """How a border is filled; ``word`` is the vocabulary's."""

    CONSTANT = "constant"
    EDGE = "edge"
    REFLECT = "reflect"
    SYMMETRIC = "symmetric"

    @property
    def word(self) -> str:
        """The name in a spec."""
        return self.value


alias(__name__, _OLD_HOMES)


def __getattr__(name: str) -> Any:
    if name in _OLD_HOMES:
        return sys.modules[__name__]
    for kind in change_kinds():
        if kind.name == _WORDS.get(name, name):
            made = transform_maker(kind)
            globals()[name] = made
            return made
    raise refused("mindspore.dataset.vision", name, __dir__())


def __dir__() -> list[str]:
    return sorted({*__all__, *_WORDS, *(kind.name for kind in change_kinds())})
