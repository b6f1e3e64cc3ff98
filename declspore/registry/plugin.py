"""Words from files of Python: a file with a constant ``KINDS``, as the rooms have them.

A spec names such a file by ``import "words.py" (Word)``. Since that runs the file, it is done only
where it was allowed: by ``--allow-python``, or ``declspore.load(path, allow_python=True)``.
"""

from __future__ import annotations

import importlib.util
import os
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager

from declspore.registry.kind import Kind
from declspore.registry.table import add_word, namespaces, words_in


class Unloadable(Exception):
    """A file gives no words; the message says why."""


class _Permission:
    """Of the process, not of a thread: specs are checked in threads of their own."""

    given = False


_LOADED: dict[str, tuple[Kind, ...]] = {}


def is_allowed() -> bool:
    """Whether files of Python may be run."""
    return _Permission.given


def allow() -> None:
    """Allow files of Python in this process from now on."""
    _Permission.given = True


@contextmanager
def allowing(whether: bool) -> Iterator[None]:
    """Allow them for a while, where ``whether``."""
    before, _Permission.given = _Permission.given, _Permission.given or whether
    try:
        yield
    finally:
        _Permission.given = before


def words_of(path: str) -> tuple[Kind, ...]:
    """The words of a file, which belong to the vocabulary from now on; a file is run once.

    Raises :class:`Unloadable`.
    """
    place = os.path.realpath(path)
    if place not in _LOADED:
        kinds = _kinds(place)
        _add(kinds)
        _LOADED[place] = kinds
    return _LOADED[place]


def _kinds(path: str) -> tuple[Kind, ...]:
    name = f"declspore_words_{os.path.basename(path).removesuffix('.py')}"
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise Unloadable("it is not a file of Python")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except Exception as error:
        sys.modules.pop(name, None)
        raise Unloadable(_reason(error, path)) from None
    kinds = getattr(module, "KINDS", None)
    if not isinstance(kinds, tuple | list) or not kinds:
        raise Unloadable("it does not have KINDS, a tuple of words")
    if wrong := [each for each in kinds if not isinstance(each, Kind)]:
        raise Unloadable(f"KINDS has a {type(wrong[0]).__name__}, which is not a word")
    return tuple(kinds)


def _reason(error: Exception, path: str) -> str:
    frames = traceback.extract_tb(error.__traceback__)
    own = [frame.lineno for frame in frames if frame.filename == path]
    where = f"line {own[-1]}: " if own else ""
    return f"{where}{type(error).__name__}: {error}"


def fault_of(error: BaseException) -> tuple[str, int, str] | None:
    """The file of words in whose code an error arose, the line there, and what went wrong."""
    frames = traceback.extract_tb(error.__traceback__)
    own = [frame for frame in frames if frame.filename in _LOADED]
    if not own:
        return None
    text = str(error).strip().partition("\n")[0]
    return own[-1].filename, own[-1].lineno or 0, f"{type(error).__name__}: {text}"


def _add(kinds: tuple[Kind, ...]) -> None:
    for kind in kinds:
        if kind.namespace not in namespaces():
            raise Unloadable(f"a {kind.family} cannot come from a file of Python")
        if words_in(kind.namespace).get(kind.name) is not None:
            raise Unloadable(f"the word `{kind.name}` exists already")
    for kind in kinds:
        add_word(kind)
