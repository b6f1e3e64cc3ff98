"""Patterns over parameter paths, and the templates that renames build new paths from.

A path is dot-separated segments. In a pattern ``*`` stands for any characters of one segment,
``**`` for one or more whole segments, ``{name}`` captures like ``*`` (but never nothing),
``{name:int}`` captures digits, ``{name**}`` captures like ``**``. A pattern always matches the
whole path: ``layer1`` never matches ``layer10.weight``. A regular expression is matched whole
too. In a template ``{name}`` repeats a capture and ``{name + 1}`` or ``{name - 1}`` counts with
one that was declared ``int``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

_PATTERN_PIECE = re.compile(
    r"(?P<capture>\{\s*(?P<name>[A-Za-z_]\w*)\s*(?P<kind>:\s*int|\*\*)?\s*\})"
    r"|(?P<rest>\*\*)|(?P<star>\*)|(?P<brace>[{}])|(?P<text>[^{}*]+)"
)
_TEMPLATE_PIECE = re.compile(
    r"(?P<use>\{\s*(?P<name>[A-Za-z_]\w*)\s*((?P<sign>[+-])\s*(?P<amount>\d+)\s*)?\})"
    r"|(?P<bad>[{}*])|(?P<text>[^{}*]+)"
)


class PatternError(ValueError):
    """A malformed pattern or template; ``offset`` and ``length`` mark the piece at fault."""

    def __init__(self, message: str, offset: int = 0, length: int = 1) -> None:
        super().__init__(message)
        self.offset = offset
        self.length = length


@dataclass(frozen=True)
class Pattern:
    """A compiled pattern: ``text`` as written, and how to match it."""

    text: str
    expression: str = field(repr=False)
    integers: frozenset[str] = frozenset()
    is_regex: bool = False

    @cached_property
    def compiled(self) -> re.Pattern[str]:
        return re.compile(self.expression)

    @property
    def captures(self) -> frozenset[str]:
        return frozenset(self.compiled.groupindex)

    @property
    def is_exact(self) -> bool:
        """Whether it can match one path only: itself."""
        return not self.is_regex and not set("*{}") & set(self.text)

    def match(self, path: str) -> dict[str, str] | None:
        """The captures if the whole path matches, else None."""
        found = self.compiled.fullmatch(path)
        return found.groupdict(default="") if found else None

    def __str__(self) -> str:
        return f're"{self.text}"' if self.is_regex else f"`{self.text}`"


@dataclass(frozen=True, slots=True)
class Template:
    """A path with places to be filled from captures."""

    text: str
    pieces: tuple[str | tuple[str, int], ...] = field(repr=False)

    @property
    def uses(self) -> frozenset[str]:
        """Names of the captures it needs."""
        return frozenset(piece[0] for piece in self.pieces if isinstance(piece, tuple))

    @property
    def counts(self) -> frozenset[str]:
        """Names of the captures it adds to or takes from."""
        return frozenset(p[0] for p in self.pieces if isinstance(p, tuple) and p[1])

    def fill(self, captures: Mapping[str, str]) -> str:
        """The path for these captures; every name used must be there."""
        parts = []
        for piece in self.pieces:
            if isinstance(piece, str):
                parts.append(piece)
            else:
                name, amount = piece
                value = captures[name]
                parts.append(str(int(value) + amount) if amount else value)
        return "".join(parts)

    def __str__(self) -> str:
        return f"`{self.text}`"


def path_pattern(text: str) -> Pattern:
    """Compile a path pattern. Raises :class:`PatternError`."""
    expression, integers = [], set()
    names: set[str] = set()
    for found in _PATTERN_PIECE.finditer(text):
        if found["capture"]:
            name, kind = found["name"], (found["kind"] or "").replace(" ", "")
            if name in names:
                raise _at(found, f"`{{{name}}}` is captured twice")
            names.add(name)
            if kind == ":int":
                integers.add(name)
            expression.append(f"(?P<{name}>{_capture(kind)})")
        elif found["rest"]:
            expression.append(_WHOLE_SEGMENTS)
        elif found["star"]:
            expression.append(r"[^.]*")
        elif found["brace"]:
            raise _at(found, "a capture is written {name}, {name:int} or {name**}")
        else:
            expression.append(re.escape(found["text"]))
    _check_segments(text)
    return Pattern(text, "".join(expression), frozenset(integers))


def regex_pattern(text: str) -> Pattern:
    """Compile a regular expression that must match a whole path. Raises :class:`PatternError`."""
    try:
        re.compile(text)
    except re.error as error:
        raise PatternError(f"not a regular expression: {error.msg}", error.pos or 0) from error
    return Pattern(text, text, is_regex=True)


def template(text: str) -> Template:
    """Compile a template. Raises :class:`PatternError`."""
    pieces: list[str | tuple[str, int]] = []
    for found in _TEMPLATE_PIECE.finditer(text):
        if found["use"]:
            sign = -1 if found["sign"] == "-" else 1
            pieces.append((found["name"], sign * int(found["amount"] or 0)))
        elif found["bad"]:
            raise _at(found, "a new name is plain text with {name}, {name + 1} or {name - 1}")
        else:
            pieces.append(found["text"])
    _check_segments(text)
    return Template(text, tuple(pieces))


_WHOLE_SEGMENTS = r"[^.]+(?:\.[^.]+)*"


def _capture(kind: str) -> str:
    return {":int": r"\d+", "**": _WHOLE_SEGMENTS}.get(kind, r"[^.]+")


def _check_segments(text: str) -> None:
    if not text or ".." in text or text.startswith(".") or text.endswith("."):
        raise PatternError("a path is segments joined by single dots", 0, max(len(text), 1))


def _at(found: re.Match[str], message: str) -> PatternError:
    return PatternError(message, found.start(), found.end() - found.start())
