"""The words and signs of a text with its comments, line by line, for tools that keep both."""

from __future__ import annotations

import re

from declspore.dataclass import dataclass
from declspore.syntax.parse import parser


@dataclass(frozen=True, slots=True)
class Token:
    """``kind`` is the terminal of the grammar, ``start`` its place in the text."""

    kind: str
    text: str
    start: int

    @property
    def is_comment(self) -> bool:
        return self.kind == "COMMENT"


def lines(text: str) -> list[list[Token]]:
    """The tokens of each line of a text that parses; no token reaches over a line's end."""
    found: list[list[Token]] = [[]]
    end = 0
    for token in parser().parse_interactive(text).exhaust_lexer():
        start = token.start_pos or 0
        _add_gap(text, end, start, found)
        found[-1].append(Token(token.type, str(token), start))
        end = start + len(token)
    _add_gap(text, end, len(text), found)
    return found


def _add_gap(text: str, start: int, end: int, found: list[list[Token]]) -> None:
    """What lies between tokens: comments and the ends of lines."""
    for piece in _GAP.finditer(text, start, end):
        if piece["comment"]:
            found[-1].append(Token("COMMENT", piece[0], piece.start()))
        else:
            found.append([])


_GAP = re.compile(r"(?P<comment>#[^\n]*)|\n")
