"""Strings, and the values that are filled into them: ``"model-{i}.ckpt"``."""

from __future__ import annotations

import re

from declspore.language import errors
from declspore.language.domain import Evaluation
from declspore.language.scope import Scope
from declspore.language.values import UNKNOWN, Value, describe
from declspore.source import Span
from declspore.syntax import ast


def literal(evaluation: Evaluation, node: ast.Literal, scope: Scope) -> Value:
    """The value of a literal; a string with its names filled in, or UNKNOWN with the problem
    reported.

    ``{name}`` is the value of a name that stands for a string or number, ``{name + 1}`` and
    ``{name - 1}`` count with an integer, ``{name:03}`` writes it with three digits; ``{{`` and
    ``}}`` are braces.
    """
    text = node.value
    if not isinstance(text, str) or not set("{}") & set(text):
        return text
    pieces: list[str] = []
    for found in _PIECE.finditer(text):
        piece = found[0]
        if found["text"] is not None:
            pieces.append(piece)
        elif piece in ("{{", "}}"):
            pieces.append(piece[0])
        else:
            filled = _filled(evaluation, found, node, scope)
            if filled is None:
                return UNKNOWN
            pieces.append(filled)
    return "".join(pieces)


def _filled(
    evaluation: Evaluation, found: re.Match[str], node: ast.Literal, scope: Scope
) -> str | None:
    """What is written for a piece between braces; None with the problem reported."""
    span = _place(node, found[0])
    name = found["name"]
    binding = None if name is None else scope.find(name)
    if name is None or binding is None:
        evaluation.sink.report(errors.bad_filling(span, found[0], name, scope.names()))
        return None
    value = evaluation.force(name, binding, span)
    if value is UNKNOWN:
        return None
    amount, width = found["amount"], found["width"]
    is_integer = isinstance(value, int) and not isinstance(value, bool)
    if (amount or width) and not is_integer:
        evaluation.sink.report(errors.wrong_type(span, "an integer", describe(value)))
        return None
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        evaluation.sink.report(errors.wrong_type(span, "a string or number", describe(value)))
        return None
    if isinstance(value, int):
        counted = value + int(f"{found['sign']}{amount}") if amount else value
        return f"{counted:0{width}d}" if width else str(counted)
    return str(value)


def _place(node: ast.Literal, piece: str) -> Span:
    """Where a piece is in the text of a literal."""
    start = node.span.text.find(piece)
    if start < 0:
        return node.span
    begin = node.span.start + start
    return Span(node.span.source, begin, begin + len(piece))


_PIECE = re.compile(
    r"\{\{|\}\}"
    r"|\{\s*(?P<name>[A-Za-z_]\w*)\s*((?P<sign>[+-])\s*(?P<amount>\d{1,9})\s*)?(:0(?P<width>\d))?\}"
    r"|(?P<bad>\{[^{}]*\}|[{}])|(?P<text>[^{}]+)"
)
