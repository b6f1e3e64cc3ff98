"""``mindspore.dataset.text``: transforms of texts, those of the vocabulary under their names."""

from __future__ import annotations

from typing import Any

from declspore.dataset.operations import change_kinds, transform_maker
from declspore.porting.names import refused, table


def __getattr__(name: str) -> Any:
    for kind in change_kinds():
        if kind.name == name and name in table()["mindspore.dataset.text"]:
            made = transform_maker(kind)
            globals()[name] = made
            return made
    raise refused("mindspore.dataset.text", name, __dir__())


def __dir__() -> list[str]:
    known = table()["mindspore.dataset.text"]
    return sorted(kind.name for kind in change_kinds() if kind.name in known)
