"""Modules of MindSpore whose names are at home in another module here."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from functools import partial
from importlib import import_module
from types import ModuleType


def alias(home: str, older: Iterable[str]) -> None:
    """Let ``import home.layer.basic`` give the module ``home`` itself, for every path in
    ``older``: MindSpore spreads over files what scripts find in one module here."""
    for path in older:
        parts = path.split(".")
        for end in range(1, len(parts) + 1):
            sys.modules.setdefault(".".join([home, *parts[:end]]), sys.modules[home])


_ABSENT = (
    *("experimental", "experimental.optim", "experimental.optim.lr_scheduler"),
    *("mint", "mint.nn", "mint.nn.functional", "mint.optim", "numpy"),
)


def add_absent_modules() -> None:
    """Make MindSpore's modules that declspore has nothing of importable: each of their names is
    refused with its reason."""
    for path in _ABSENT:
        module = ModuleType(f"declspore.{path}", f"``mindspore.{path}``: see docs/mindspore.md.")
        vars(module)["__getattr__"] = partial(_refuse, path)
        vars(module)["__path__"] = []
        sys.modules.setdefault(module.__name__, module)


def is_absent_module(path: str) -> bool:
    """Whether a module of declspore is one of those."""
    return path in _ABSENT


def _refuse(path: str, name: str) -> ModuleType:
    if name.startswith("__"):
        raise AttributeError(name)
    inner = f"{path}.{name}"
    if inner in _ABSENT:
        return sys.modules[f"declspore.{inner}"]
    names = import_module("declspore.porting.names")
    raise names.refused(f"mindspore.{path}", name, ())
