"""Renames turned round: by pattern where that is the same for these names, else name by name."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from declspore.ir.pattern import Pattern, PatternError, Template, path_pattern, template
from declspore.spelling import HIDDEN

_PIECE = re.compile(
    r"(?P<capture>\{\s*(?P<name>[A-Za-z_]\w*)\s*(?P<kind>:\s*int|\*\*)?\s*\})"
    r"|(?P<other>[*{}])|(?P<text>[^{}*]+)"
)


def turned(
    pattern: Pattern, target: Template, renamed: Mapping[str, str], names: Sequence[str]
) -> tuple[str, str] | None:
    """Pattern and new name that take every new name of ``renamed`` (old to new) back to the old.

    None where there are none, or where of ``names`` (all that will be there) the pattern would
    match others too.
    """
    pieces = list(_PIECE.finditer(pattern.text))
    if pattern.is_regex or any(piece["other"] for piece in pieces):
        return None
    kinds = {p["name"]: (p["kind"] or "").replace(" ", "") for p in pieces if p["capture"]}
    kinds |= dict.fromkeys(pattern.integers, ":int")
    counted: dict[str, int] = {}
    new = ""
    for piece in target.pieces:
        if isinstance(piece, str):
            new += piece
            continue
        name, amount = piece
        if name in counted or name not in kinds:
            return None
        counted[name] = amount
        new += f"{{{name}{kinds[name]}}}"
    if set(counted) != set(kinds):
        return None
    old = "".join(p["text"] or _use(p["name"], counted[p["name"]]) for p in pieces)
    return (new, old) if _is_way_back(new, old, renamed, names) else None


def _use(name: str, amount: int) -> str:
    """A capture in a new name, less what was added to it."""
    if not amount:
        return f"{{{name}}}"
    return f"{{{name} {'-' if amount > 0 else '+'} {abs(amount)}}}"


def _is_way_back(new: str, old: str, renamed: Mapping[str, str], names: Sequence[str]) -> bool:
    try:
        pattern, target = path_pattern(new), template(old)
    except PatternError:
        return False
    back = {}
    for name in names:
        captures = pattern.match(name)
        if captures is not None:
            back[name] = target.fill(captures)
    return back == {to: name for name, to in renamed.items()}


def can_be_written(name: str) -> bool:
    """Whether a name can be in a path as it is."""
    return not set("*{}`\n\r") & set(name) and HIDDEN.search(name) is None
