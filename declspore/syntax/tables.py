"""The parser, whose tables take half a second to make, kept in the user's cache.

They are kept as JSON (Lark's own cache is a pickle), under the digest of every file of the grammar,
Lark's version and options.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import lark
from lark import Lark
from lark.grammar import Rule
from lark.lexer import TerminalDef

from declspore.resources import grammar_folder
from declspore.usercache import cached

_OPTIONS = {"parser": "lalr", "propagate_positions": True, "maybe_placeholders": True}
_FORMAT = 1


def grammar_parser() -> Lark:
    """The parser of the grammar that comes with the package."""
    return cached("spec", _dependencies(), _made, dump=_dumped, load=_loaded)


def _dependencies() -> bytes:
    """All that decides what the tables are."""
    found = json.dumps([_FORMAT, lark.__version__, _OPTIONS]).encode()
    for path in sorted(grammar_folder().glob("*.lark")):
        content = path.read_bytes()
        found += f"{path.name} {len(content)}\n".encode() + content
    return found


def _made() -> Lark:
    options: dict[str, Any] = _OPTIONS
    return Lark.open(str(grammar_folder() / "spec.lark"), **options)


def _dumped(made: Lark) -> object:
    return made.memo_serialize([TerminalDef, Rule])


def _loaded(text: str) -> Lark:
    data, memo = json.loads(text, object_pairs_hook=_with_numbers)
    load: Callable[..., Lark] = Lark._load_from_dict  # noqa: SLF001
    return load(data, memo)


def _with_numbers(pairs: list[tuple[str, object]]) -> dict[int | str, object]:
    """Tables have numbers for keys, which JSON spells as strings."""
    return {int(key) if key.isdigit() else key: value for key, value in pairs}
