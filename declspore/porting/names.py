"""MindSpore's public names, and the error for those that declspore does not have."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from importlib import resources
from typing import Any, NoReturn

from declspore.porting.reasons import INTERNAL, reason_of
from declspore.spelling import closest

PAGE = "docs/mindspore.md"


class Unsupported(ImportError, NotImplementedError):
    """Raised where a script asks for something of MindSpore that declspore does not have.

    ``qualified`` is MindSpore's name of it, ``reason`` why it is absent or what to use instead.
    """

    def __init__(self, qualified: str, reason: str) -> None:
        super().__init__(f"declspore does not have {qualified}: {reason} (see {PAGE})")
        self.qualified, self.reason = qualified, reason


@cache
def table() -> Mapping[str, tuple[str, ...]]:
    """The public names of MindSpore's modules and classes, by module or class."""
    return {home: tuple(names) for home, names in _file()["names"].items()}


@cache
def others() -> Mapping[str, frozenset[str]]:
    """What else MindSpore's code finds in its modules: names that it does not document."""
    return {home: frozenset(names) for home, names in _file()["others"].items()}


def version() -> str:
    """The version of MindSpore that the names are of."""
    return str(_file()["version"])


@cache
def _file() -> Mapping[str, Any]:
    text = resources.files("declspore.porting").joinpath("names.json").read_text()
    found: Mapping[str, Any] = json.loads(text)
    return found


def absent(module: str, known: Callable[[], Iterable[str]] = tuple) -> Callable[[str], NoReturn]:
    """``__getattr__`` of a module of declspore: refuses MindSpore's names, and others with the
    closest of the ``known`` ones."""
    home = module.replace("declspore", "mindspore", 1)

    def refuse(name: str) -> NoReturn:
        raise refused(home, name, known())

    return refuse


def refused(home: str, name: str, known: Iterable[str]) -> Exception:
    """The error for a name that a module of declspore does not have."""
    if name in table().get(home, ()):
        return Unsupported(f"{home}.{name}", reason_of(home, name))
    if name in others().get(home, ()):
        return Unsupported(f"{home}.{name}", INTERNAL)
    near = closest(name, known)
    hint = f"; did you mean {near[0]!r}?" if near else ""
    module = home.replace("mindspore", "declspore", 1)
    return AttributeError(f"module {module!r} has no attribute {name!r}{hint}")


def refused_member(owner: str, name: str, known: Iterable[str]) -> Exception:
    """The error for a method or property that a class of declspore does not have."""
    word = owner.rpartition(".")[2]
    owners = (owner, "mindspore.Tensor") if word == "Parameter" else (owner,)
    if any(name in table().get(each, ()) for each in owners):
        return Unsupported(f"{word}.{name}", reason_of(owner, name))
    near = closest(name, known)
    hint = f"; did you mean {near[0]!r}?" if near else ""
    return AttributeError(f"{word!r} object has no attribute {name!r}{hint}")
