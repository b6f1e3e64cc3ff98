"""The canonical form of a spec: spacing, indentation and alignment; lines end where they ended.

Assumes a text that parses. Guarantees the same tokens and comments in the same lines, so the
meaning cannot change, and that a second pass changes nothing.
"""

from __future__ import annotations

import re
from itertools import groupby

from declspore.dataclass import dataclass
from declspore.syntax.tokens import Token, lines

_STEP = 2
_OPEN, _CLOSE = {"(": ")", "[": "]", "{": "}"}, frozenset(")]}")
_KEYWORDS = frozenset(
    [
        "if",
        "then",
        "else",
        "or",
        "and",
        "not",
        "for",
        "in",
        "when",
        "return",
        "carry",
        "as",
        "ensure",
    ]
)
_BINARY = frozenset(
    [
        "|>",
        "->",
        "==",
        "!=",
        "<=",
        ">=",
        "<",
        ">",
        "..",
        "..<",
        "+",
        "-",
        "*",
        "/",
        "//",
        "%",
        "@",
        "**",
        "=",
    ]
)
_CONTINUES = _BINARY | frozenset(
    [
        *("or", "and", "then", "else", "when"),
        *("except", "where", "from", "exactly", "optional"),
    ]
)
_BLOCKS = frozenset(("_CELL", "_NETWORK", "_LOSS", "TASK"))
"""What opens a block whose names are aligned."""
_UNIT = re.compile(r"epochs?|steps?|KiB|MiB|GiB|ms|min|s|h")


def format_text(text: str) -> str:
    """The text in canonical form."""
    rows = _without_needless_blanks(lines(text))
    printer = _Printer(_blocks(rows))
    for row, width in zip(rows, _name_widths(rows), strict=True):
        printer.line(row, width)
    return "\n".join(_aligned_comments(printer.done)) + "\n"


@dataclass(frozen=True, slots=True)
class _Bracket:
    """An open bracket: the indentation of its closer, of what is within, and its line."""

    sign: str
    outer: int
    inner: int
    line: int


class _Printer:
    def __init__(self, blocks: frozenset[int]) -> None:
        """``blocks`` is where brackets open whose closers begin a line."""
        self._blocks = blocks
        self.done: list[tuple[str, str]] = []
        self._open: list[_Bracket] = []
        self._last: Token | None = None

    def line(self, row: list[Token], width: int) -> None:
        """Print one line; ``width`` is the room its name takes before ``=``, or 0."""
        code = [token for token in row if not token.is_comment]
        comment = next((token.text.rstrip() for token in row if token.is_comment), "")
        if not code:
            indent = self._inner() if comment else 0
            self.done.append((" " * indent + comment, ""))
            return
        indent = self._indent(code)
        text = " " * indent
        for index, token in enumerate(code):
            previous = code[index - 1] if index else None
            if previous is not None:
                text += _kept_apart(previous, token) or (
                    " " if self._spaced(previous, token, code[:index]) else ""
                )
            if index == 1 and width:
                text = text.ljust(indent + width + 1)
            text += token.text
            self._follow(token, indent, len(text), is_last=index == len(code) - 1)
        self._last = code[-1]
        self.done.append((text, comment))

    def _inner(self) -> int:
        return self._open[-1].inner if self._open else 0

    def _indent(self, code: list[Token]) -> int:
        first = code[0].text
        if first in _CLOSE:
            return self._open[-1].outer
        ended = self._last.text if self._last is not None else ""
        is_name = len(code) > 1 and code[1].text == "="
        goes_on = _goes_on(code) and not is_name and (first != "-" or _ends(ended))
        waits = ended in _BINARY or ended in ("and", "or", "then", "else", "in", "not")
        if all(bracket.sign == "{" for bracket in self._open) and ended == ",":
            waits = True
        return self._inner() + (_STEP if goes_on or waits else 0)

    def _follow(self, token: Token, indent: int, column: int, *, is_last: bool) -> None:
        if token.text in _OPEN:
            line = len(self.done)
            if token.text == "{":
                earlier = [bracket for bracket in self._open if bracket.line < line]
                indent = earlier[-1].inner if earlier else 0
            hanging = is_last or token.text == "{" or token.start in self._blocks
            inner = indent + _STEP if hanging else column
            self._open.append(_Bracket(token.text, indent, inner, line))
        elif token.text in _CLOSE:
            self._open.pop()

    def _spaced(self, left: Token, right: Token, before: list[Token]) -> bool:
        one, two = left.text, right.text
        if one in "([." or two in ")],.?" or one == "." or two == ".":
            return False
        if two == ":":
            return one == ","
        if one == ":":
            return not (self._open and self._open[-1].sign == "[")
        if two in "([":
            return not (_ends(one) and left.kind not in ("STRING", "PATH", "REGEX"))
        is_sign = one == "-" and (len(before) < 2 or not _ends(before[-2].text))
        return not is_sign or (len(before) == 1 and self._last is not None and _ends(one))


def _blocks(rows: list[list[Token]]) -> frozenset[int]:
    """Where brackets open that are closed at the beginning of a later line: what is within is
    indented by one step, also where it begins after the bracket."""
    opened: list[int] = []
    found: set[int] = set()
    for row in rows:
        for place, token in enumerate(row):
            if token.text in _OPEN:
                opened.append(token.start)
            elif token.text in _CLOSE and opened:
                start = opened.pop()
                if place == 0:
                    found.add(start)
    return frozenset(found)


def _goes_on(code: list[Token]) -> bool:
    """Whether a line starts inside a statement, not with what opens one."""
    if code[0].kind == "MODIFIER":
        return True
    return code[0].text in _CONTINUES and (code[0].text != "when" or code[-1].text != "{")


def _kept_apart(left: Token, right: Token) -> str:
    """Blanks between a number and what would otherwise become a part of it."""
    if left.kind not in ("INT", "FLOAT"):
        return ""
    if right.text == ".":
        return " "
    return "  " if _UNIT.fullmatch(right.text) else ""


def _ends(text: str) -> bool:
    """Whether a token may be the end of a value."""
    return text not in _KEYWORDS and (text in ")]?" or text[0].isalnum() or text[0] in '_"`')


def _without_needless_blanks(rows: list[list[Token]]) -> list[list[Token]]:
    """One blank line where several were, none at the ends of blocks and of the file."""
    kept: list[list[Token]] = []
    for row in rows:
        closes = bool(row) and row[0].text in _CLOSE
        if closes and kept and not kept[-1]:
            kept.pop()
        opened = not kept or (kept[-1] and kept[-1][-1].text in _OPEN)
        if row or not (opened or not kept[-1]):
            kept.append(row)
    while kept and not kept[-1]:
        kept.pop()
    return kept


def _name_widths(rows: list[list[Token]]) -> list[int]:
    """For each line that begins ``name =`` in a block of cells or attributes, the longest name of
    the lines that belong together; 0 for other lines."""
    open_, aligned = [""], False
    starts: list[int | None] = []
    for row in rows:
        code = [token for token in row if not token.is_comment]
        named = len(code) > 1 and code[1].text == "=" and code[0].text not in _KEYWORDS
        in_block = len(open_) == 2 and open_[1] == "{" and aligned
        if not code:
            starts.append(None)
        else:
            starts.append(len(code[0].text) if named and in_block else 0)
        if len(open_) == 1 and code and code[0].text not in ")}":
            aligned = code[0].kind in _BLOCKS
        for token in code:
            if token.text in _OPEN:
                open_.append(token.text)
            elif token.text in _CLOSE:
                open_.pop()
    widths: list[int] = []
    for blank, run in groupby(starts, key=lambda start: start is None):
        found = [start or 0 for start in run]
        longest = 0 if blank else max(found)
        widths += [longest if start else 0 for start in found]
    return widths


def _aligned_comments(done: list[tuple[str, str]]) -> list[str]:
    """Comments after code are in one column where lines with them follow each other."""
    printed: list[str] = []
    for has_comment, run in groupby(done, key=lambda line: bool(line[1])):
        found = list(run)
        column = max(len(text) for text, _ in found) + _STEP
        for text, comment in found:
            printed.append((text.ljust(column) + comment) if has_comment else text.rstrip())
    return printed
