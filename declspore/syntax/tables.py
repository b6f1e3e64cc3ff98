"""The parser, whose tables take half a second to make, kept in the user's cache.

The kept file is data: JSON, which runs nothing when it is read (Lark's own cache is a pickle). It
is used where it belongs to this user and no one else may write to it. Its name is the digest of all
that the tables depend on: every file of the grammar, Lark's version and options. Whatever is wrong
with it, the tables are made anew.
"""

from __future__ import annotations

import hashlib
import json
import os
import stat
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import lark
from lark import Lark
from lark.grammar import Rule
from lark.lexer import TerminalDef

from declspore.regular import read_small
from declspore.resources import cache_folder, grammar_folder

_OPTIONS = {"parser": "lalr", "propagate_positions": True, "maybe_placeholders": True}
_FORMAT = 1
_MOST_BYTES = 16 << 20


def grammar_parser() -> Lark:
    """The parser of the grammar that comes with the package."""
    folder = cache_folder()
    if folder is None:
        return _made()
    path = folder / f"spec-{_digest()[:32]}.json"
    with suppress(Exception):  # whatever another version or a broken disk left there
        return _kept(path)
    made = _made()
    with suppress(OSError):  # a full or read-only disk must not keep anyone from parsing
        _keep(made, path)
    return made


def _digest() -> str:
    """Of all that decides what the tables are."""
    whole = hashlib.sha256(json.dumps([_FORMAT, lark.__version__, _OPTIONS]).encode())
    for path in sorted(grammar_folder().glob("*.lark")):
        content = path.read_bytes()
        whole.update(f"{path.name} {len(content)}\n".encode() + content)
    return whole.hexdigest()


def _made() -> Lark:
    options: dict[str, Any] = _OPTIONS
    return Lark.open(str(grammar_folder() / "spec.lark"), **options)


def _kept(path: Path) -> Lark:
    """Raises whatever is wrong with the file."""
    found = os.stat(path)
    if found.st_uid != os.getuid() or found.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
        raise PermissionError(path)
    text = read_small(str(path), _MOST_BYTES)
    data, memo = json.loads(text, object_pairs_hook=_with_numbers)
    load: Callable[..., Lark] = Lark._load_from_dict  # noqa: SLF001
    return load(data, memo)


def _keep(made: Lark, path: Path) -> None:
    """Put the tables in place all at once, readable to this user alone."""
    data, memo = made.memo_serialize([TerminalDef, Rule])
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        fd = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with open(fd, "w", encoding="utf-8") as file:
            json.dump([data, memo], file, separators=(",", ":"))
        os.replace(temporary, path)
    except BaseException:
        with suppress(OSError):
            os.unlink(temporary)
        raise


def _with_numbers(pairs: list[tuple[str, Any]]) -> dict[Any, Any]:
    """Tables have numbers for keys, which JSON spells as strings."""
    return {int(key) if key.isdigit() else key: value for key, value in pairs}
