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
from collections.abc import Callable, Mapping
from dataclasses import field
from functools import cached_property
from typing import Protocol

from declspore.dataclass import dataclass
from declspore.ir.value import Described

_PATTERN_PIECE = re.compile(
    r"(?P<capture>\{\s*(?P<name>[A-Za-z_]\w*)\s*(?P<kind>:\s*int|\*\*)?\s*\})"
    r"|(?P<rest>\*\*)|(?P<star>\*)|(?P<brace>[{}])|(?P<text>[^{}*]+)"
)
_TEMPLATE_PIECE = re.compile(
    r"(?P<use>\{\s*(?P<name>[A-Za-z_]\w*)\s*((?P<sign>[+-])\s*(?P<amount>\d+)\s*)?\})"
    r"|(?P<bad>[{}*])|(?P<text>[^{}*]+)"
)


_CAPTURE = re.compile(r"\{\s*(?P<path>[A-Za-z_]\w*)|\(\?P<(?P<regex>\w+)>")
_USE = re.compile(
    r"\{\s*(?P<name>[A-Za-z_]\w*)\s*((?P<sign>[+-])\s*(?P<amount>\d+)\s*)?\}", re.ASCII
)


class PatternError(ValueError):
    """A malformed pattern or template; ``offset`` and ``length`` mark the piece at fault."""

    def __init__(self, message: str, offset: int = 0, length: int = 1) -> None:
        super().__init__(message)
        self.offset = offset
        self.length = length


class Found(Protocol):
    """A match."""

    def groupdict(self, default: str) -> dict[str, str]: ...


class Compiled(Protocol):
    """A pattern of Python's own engine, or of RE2."""

    @property
    def groupindex(self) -> Mapping[str, int]: ...
    def fullmatch(self, text: str, /) -> Found | None: ...


@dataclass(frozen=True)
class Pattern(Described):
    """A compiled pattern: ``text`` as written, and how to match it."""

    text: str
    expression: str = field(repr=False)
    integers: frozenset[str] = frozenset()
    is_regex: bool = False

    @cached_property
    def compiled(self) -> Compiled:
        """In Python's own engine where that takes linear time; else in RE2, which always does."""
        if not self.is_regex and self.expression.count(_WHOLE_SEGMENTS) <= _FEW:
            return re.compile(self.expression)
        return _linear(self.expression)

    @property
    def described(self) -> str:
        return f"the path {self}"

    @property
    def captures(self) -> frozenset[str]:
        return frozenset(self.compiled.groupindex)

    @property
    def is_exact(self) -> bool:
        """Whether it can match one path only: itself."""
        return not self.is_regex and not set("*{}") & set(self.text)

    @cached_property
    def prefix(self) -> str:
        """What every path that it matches begins with."""
        return "" if self.is_regex else re.split(r"[*{}]", self.text, maxsplit=1)[0]

    @cached_property
    def suffix(self) -> str:
        """What every path that it matches ends with."""
        return "" if self.is_regex else re.split(r"[*{}]", self.text)[-1]

    @cached_property
    def _around(self) -> tuple[str, str] | None:
        """The texts before and after the only ``*`` of a pattern of nothing else. A condition may
        make one for each entry, so that compiling it would be most of the work."""
        before, _, after = self.text.partition("*")
        plain = f"{re.escape(before)}{_IN_SEGMENT}{re.escape(after)}"
        return (before, after) if self.expression == plain and not self.is_regex else None

    def matches(self, path: str) -> bool:
        """Whether it matches the whole path."""
        if self._around is None:
            return self.compiled.fullmatch(path) is not None
        before, after = self._around
        start, end = len(before), len(path) - len(after)
        if start > end or not (path.startswith(before) and path.endswith(after)):
            return False
        return path.find(".", start, end) < 0

    def match(self, path: str) -> dict[str, str] | None:
        """The captures if the whole path matches, else None."""
        found = self.compiled.fullmatch(path)
        return found.groupdict(default="") if found else None

    def __str__(self) -> str:
        return f're"{self.text}"' if self.is_regex else f"`{self.text}`"


@dataclass(frozen=True)
class Template:
    """A path with places to be filled from captures."""

    text: str
    pieces: tuple[str | tuple[str, int], ...] = field(repr=False)

    @cached_property
    def uses(self) -> frozenset[str]:
        """Names of the captures it needs."""
        return frozenset(piece[0] for piece in self.pieces if isinstance(piece, tuple))

    @cached_property
    def counts(self) -> frozenset[str]:
        """Names of the captures it adds to or takes from."""
        return frozenset(p[0] for p in self.pieces if isinstance(p, tuple) and p[1])

    @cached_property
    def _format(self) -> str:
        """What Python's ``format`` fills, where nothing is counted; plain text has no braces."""
        return "".join(p if isinstance(p, str) else f"{{{p[0]}}}" for p in self.pieces)

    def fill(self, captures: Mapping[str, str]) -> str:
        """The path for these captures; every name used must be there.

        Raises :class:`PatternError` where a text is counted with.
        """
        if not self.counts:
            return self._format.format_map(captures)
        parts = []
        for piece in self.pieces:
            if isinstance(piece, str):
                parts.append(piece)
            else:
                name, amount = piece
                value = captures[name]
                if amount and not value.isdecimal():
                    raise PatternError(f"`{value}` is not a number to count with")
                parts.append(str(int(value) + amount) if amount else value)
        return "".join(parts)

    def __str__(self) -> str:
        return f"`{self.text}`"


_PLAIN_NAME = (
    "a new name is plain text with {name}, {name + 1} or {name - 1}, "
    "which is what `{name}` of the pattern matches"
)


def captures(text: str) -> frozenset[str]:
    """Names a pattern or regular expression may capture."""
    return frozenset(found["path"] or found["regex"] for found in _CAPTURE.finditer(text))


def path_pattern(text: str, kinds: dict[str, str] | None = None) -> Pattern:
    """Compile a path pattern. Raises :class:`PatternError`.

    ``kinds`` are the kinds of captures of the patterns next to it, which a bare ``{name}``
    takes over; those of this one are put there.
    """
    _check_length(text)
    expression, integers = [], set()
    names: set[str] = set()
    known = {} if kinds is None else kinds
    for found in _PATTERN_PIECE.finditer(text):
        if found["capture"]:
            name, written = found["name"], (found["kind"] or "").replace(" ", "")
            kind = written or known.setdefault(name, written)
            known[name] = kind
            if name in names:
                raise _at(found, f"`{{{name}}}` is captured twice")
            names.add(name)
            if kind == ":int":
                integers.add(name)
            expression.append(f"(?P<{name}>{_capture(kind)})")
        elif found["rest"]:
            expression.append(_WHOLE_SEGMENTS)
        elif found["star"]:
            expression.append(_IN_SEGMENT)
        elif found["brace"]:
            raise _at(found, "a capture is written {name}, {name:int} or {name**}")
        else:
            expression.append(re.escape(found["text"]))
    _check_segments(text)
    return Pattern(text, "".join(expression), frozenset(integers))


_LONGEST = 1 << 16
"""Characters of a pattern: compiling takes a hundred times as many bytes."""


def _check_length(text: str) -> None:
    if len(text) > _LONGEST:
        raise PatternError(f"a pattern has at most {_LONGEST:,} characters", 0, len(text))


def exact_pattern(path: str) -> Pattern:
    """The pattern of one path, whatever characters it has."""
    return Pattern(path, re.escape(path))


def natural(path: str) -> tuple[tuple[int, int | str], ...]:
    """A key that sorts numbers within paths by their value."""
    parts = re.split(r"(\d+)", path)
    return tuple((1, int(part)) if part.isdecimal() else (0, part) for part in parts)


def filled(text: str, value: Callable[[str], str | int | None]) -> str:
    """A pattern or template with ``{name}`` and ``{name + 1}`` replaced where the name has a value.

    Raises :class:`PatternError` where a text is counted with.
    """

    def fill(found: re.Match[str]) -> str:
        known = value(found["name"])
        if known is None:
            return found[0]
        if set("*{}`") & set(str(known)):
            raise _at(found, f'"{known}" cannot be in a path')
        if not found["sign"]:
            return str(known)
        if not str(known).isdecimal():
            raise _at(found, f"`{known}` is not a number to count with")
        amount = int(found["amount"])
        return str(int(known) + (-amount if found["sign"] == "-" else amount))

    return _USE.sub(fill, text) if "{" in text else text


def regex_pattern(text: str) -> Pattern:
    """Compile a regular expression that must match a whole path. Raises :class:`PatternError`.

    Regular expressions are those of RE2: they take linear time, and have no look-around and no
    back-references.
    """
    _check_length(text)
    try:
        re.compile(text)
    except re.error as error:
        raise PatternError(f"not a regular expression: {error.msg}", error.pos or 0) from error
    pattern = Pattern(text, text, is_regex=True)
    try:
        pattern.compiled  # noqa: B018
    except ValueError as error:
        raise PatternError(f"not a regular expression: {error}", 0, max(len(text), 1)) from None
    return pattern


def _linear(expression: str) -> Compiled:
    """Raises ValueError where RE2 has no such expression."""
    import re2

    options = re2.Options()
    options.log_errors = False
    try:
        found: Compiled = re2.compile(expression, options)
    except re2.error as error:
        (reason,) = error.args
        raise ValueError(reason.decode() if isinstance(reason, bytes) else str(reason)) from None
    return found


def template(text: str) -> Template:
    """Compile a template. Raises :class:`PatternError`."""
    pieces: list[str | tuple[str, int]] = []
    for found in _TEMPLATE_PIECE.finditer(text):
        if found["use"]:
            sign = -1 if found["sign"] == "-" else 1
            pieces.append((found["name"], sign * int(found["amount"] or 0)))
        elif found["bad"]:
            raise _at(found, _PLAIN_NAME)
        else:
            pieces.append(found["text"])
    _check_segments(text)
    return Template(text, tuple(pieces))


_IN_SEGMENT = r"[^.]*"
_WHOLE_SEGMENTS = r"[^.]+(?:\.[^.]+)*"
_FEW = 1
"""More than one run of whole segments can be told apart in many ways."""


def _capture(kind: str) -> str:
    return {":int": r"\d+", "**": _WHOLE_SEGMENTS}.get(kind, r"[^.]+")


def _check_segments(text: str) -> None:
    if not text or ".." in text or text.startswith(".") or text.endswith("."):
        raise PatternError("a path is segments joined by single dots", 0, max(len(text), 1))


def _at(found: re.Match[str], message: str) -> PatternError:
    return PatternError(message, found.start(), found.end() - found.start())
