"""What every rule of the grammar is built with: spans, words, numbers, and its children."""

from __future__ import annotations

import re
from math import inf
from typing import Any, TypeVar

from lark import Token
from lark.tree import Meta

from declspore.report import Sink
from declspore.source import Source, Span
from declspore.syntax import ast, errors

Node = TypeVar("Node")
Children = list[Any]

_MOST_DIGITS = 400
_ESCAPES = {"n": "\n", "t": "\t", '"': '"', "\\": "\\"}


def every(children: Children, kind: type[Node]) -> tuple[Node, ...]:
    return tuple(child for child in children if isinstance(child, kind))


class Places:
    """Places, words and numbers of one source."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self.sink = Sink()

    def _span(self, meta: Meta) -> Span:
        if meta.empty:
            return Span(self._source, 0, 0)
        return Span(self._source, meta.start_pos, meta.end_pos)

    def _at(self, token: Token) -> Span:
        start = token.start_pos or 0
        return Span(self._source, start, start + len(token))

    def _word(self, token: Token) -> ast.Word:
        return ast.Word(str(token), self._at(token))

    def _words(self, children: Children) -> tuple[ast.Word, ...]:
        return tuple(self._word(child) for child in children if isinstance(child, Token))

    def _text(self, token: Token) -> ast.Literal:
        return ast.Literal(_unquote(str(token)), self._at(token))

    def _path(self, token: Token) -> ast.Path:
        if token.type == "REGEX":
            return ast.Path(str(token)[3:-1], self._at(token), is_regex=True)
        return ast.Path(str(token)[1:-1], self._at(token))

    def _number(self, token: Token, text: str) -> int | float:
        """0 for a number without use, which Python might not even read; it is reported."""
        if len(text) > _MOST_DIGITS or abs(found := _read_number(text)) == inf:
            title = "the number is too large"
            help = "the largest float is about 1.8e308; infinity is `inf`"
        elif found == 0 and re.match(r"[0.]*[1-9]", text):
            title, help = "the number is too small", "the smallest float is about 4.9e-324"
        else:
            return found
        self.sink.report(errors.bad_number(self._at(token), title, help))
        return 0

    def _whole(self, token: Token) -> int:
        return int(self._number(token, str(token)))

    def _quantity(self, token: Token) -> ast.Quantity:
        text = str(token)
        if text.endswith("%"):
            return ast.Quantity(self._number(token, text[:-1]), "%", self._at(token))
        value, unit = text.split(" ")
        singular = unit[:-1] if unit in ("epochs", "steps") else unit
        return ast.Quantity(self._number(token, value), singular, self._at(token))


def _unquote(text: str) -> str:
    parts, rest = [], iter(text[1:-1])
    for char in rest:
        parts.append(_unescape(next(rest)) if char == "\\" else char)
    return "".join(parts)


def _unescape(char: str) -> str:
    return _ESCAPES.get(char, "\\" + char)


def _read_number(text: str) -> int | float:
    if text.startswith("0x"):
        return int(text, 16)
    return float(text) if set(".eE") & set(text) else int(text)
