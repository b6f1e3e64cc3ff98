"""Which operator binds tighter: a flat run of operands and operators to a tree.

The grammar reads ``a + b * c`` as one run; this is the one place that knows how it is meant. From
loose to tight: ``|>``, ``or``, ``and``, ``not``, comparisons, ranges, ``+ -``, ``* / // % @``,
``-x``, ``**``. All lean to the left but ``**``; comparisons and ranges do not chain.
"""

from __future__ import annotations

from typing import NamedTuple

from declspore.report import Sink
from declspore.source import Source, Span
from declspore.syntax import ast, errors


class Operand(NamedTuple):
    """A value of the run with the extent of its text, brackets around it included."""

    node: ast.Expression
    start: int
    end: int


class Operator(NamedTuple):
    """A sign or word, and its place."""

    text: str
    start: int
    end: int


_LEVELS = (
    ("|>",),
    ("or",),
    ("and",),
    ("not",),
    ("==", "!=", "<=", ">=", "<", ">", "in", "not in"),
    ("..", "..<"),
    ("+", "-"),
    ("*", "/", "//", "%", "@"),
    ("**",),
)
_LEVEL = {operator: level for level, row in enumerate(_LEVELS) for operator in row}
_NOT, _POWER = _LEVEL["not"], _LEVEL["**"]
_LONELY = (_LEVEL["=="], _LEVEL[".."])


class Run:
    """One run, read from the left. Its last piece is an operand, as the grammar has it."""

    def __init__(self, source: Source, sink: Sink, pieces: list[Operand | Operator]) -> None:
        self._source, self._sink, self._pieces = source, sink, pieces
        self._at = 0
        self._is_refused = False

    def tree(self) -> ast.Expression:
        found = self._tree(0)
        if self._is_refused:
            return ast.Damaged((), Span(self._source, found.start, found.end))
        return found.node

    def _tree(self, least: int) -> Operand:
        """All that binds as tightly as ``least`` or tighter, from here on."""
        left, last = self._operand(least), -1
        while self._at < len(self._pieces):
            sign = self._pieces[self._at]
            assert isinstance(sign, Operator)
            level = _LEVEL[sign.text]
            if level < least:
                break
            self._at += 1
            right = self._tree(level if level == _POWER else level + 1)
            if level == last and level in _LONELY:
                self._chained(left, sign, right)
            span = Span(self._source, left.start, right.end)
            node = ast.Binary(sign.text, left.node, right.node, span)
            left, last = Operand(node, left.start, right.end), level
        return left

    def _operand(self, least: int) -> Operand:
        piece = self._pieces[self._at]
        self._at += 1
        if isinstance(piece, Operand):
            return piece
        is_not = piece.text == "not"
        if is_not and least > _NOT:
            title = "`not` binds looser than the operator before it"
            self._refuse(piece, title, "write brackets: (not ...)")
        value = self._tree(_NOT if is_not else _POWER)
        span = Span(self._source, piece.start, value.end)
        return Operand(ast.Unary(piece.text, value.node, span), piece.start, value.end)

    def _chained(self, left: Operand, sign: Operator, right: Operand) -> None:
        if sign.text.startswith(".."):
            self._refuse(sign, "a range has two ends, this is a third")
            return
        text = self._source.text
        middle = left.node.right.span.text if isinstance(left.node, ast.Binary) else ""
        first, last = text[left.start : left.end], text[right.start : right.end]
        help = f"{first} and {middle} {sign.text} {last}"
        self._refuse(sign, "comparisons do not chain", help)

    def _refuse(self, sign: Operator, title: str, help: str | None = None) -> None:
        span = Span(self._source, sign.start, sign.end)
        self._is_refused = True
        self._sink.report(errors.misplaced_operator(span, title, help))
