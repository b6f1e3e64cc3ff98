"""Rules as flags give them, whose patterns need no backticks."""

from __future__ import annotations

import re
from collections.abc import Generator, Iterator

_QUOTED = re.compile(r'(?:[A-Za-z_]\w*\s*\.\s*)?(?:`[^`\n]*`|re"(?:[^"\\\n]++|\\.)*+")')
_EXCEPT = re.compile(r"except\b")
_COPIED = re.compile(r'`[^`]*`|"(?:[^"\\]|\\.)*"|->|[(\[{]|[)\]}]|[^`"\-(\[{)\]}]+|.', re.S)

Part = str | tuple[int, int]
"""Text that is added, or a range of characters of a flag."""


def with_backticks(text: str) -> Iterator[Part]:
    """The text of a rule without its verb, in pieces: its patterns in backticks."""
    at = yield from _patterns(text, 0)
    while at < len(text):
        if found := _EXCEPT.match(text, at):
            yield found.span()
            at = yield from _patterns(text, found.end())
        else:
            at = yield from _clause(text, at)


def _patterns(text: str, at: int) -> Generator[Part, None, int]:
    """A list of patterns from a place on; returns where it ends."""
    while True:
        start = _skip_space(text, at)
        yield at, start
        quoted = _QUOTED.match(text, start)
        end = quoted.end() if quoted else _bare_end(text, start)
        if quoted or end == start:
            yield start, end
        else:
            yield "`"
            yield start, end
            yield "`"
        after = _skip_space(text, end)
        if text[after : after + 1] != ",":
            yield end, after
            return after
        yield end, after + 1
        at = after + 1


def _bare_end(text: str, at: int) -> int:
    """The end of a pattern that is written without backticks: at a space, a comma, `->` or `=`."""
    depth = 0
    while at < len(text):
        char = text[at]
        if depth == 0 and (char.isspace() or char in ",=" or text.startswith("->", at)):
            break
        depth += (char == "{") - (char == "}")
        at += 1
    return at


def _clause(text: str, at: int) -> Generator[Part, None, int]:
    """A clause as it is written, up to the new names after `->`; returns where it ends."""
    depth, start = 0, at
    while at < len(text):
        found = _COPIED.match(text, at)
        assert found is not None
        at = found.end()
        piece = found[0]
        if piece == "->" and depth == 0:
            yield start, at
            at = yield from _patterns(text, at)
            return at
        depth += (piece in "([{") - (piece in ")]}")
    yield start, at
    return at


def _skip_space(text: str, at: int) -> int:
    while at < len(text) and text[at].isspace():
        at += 1
    return at
