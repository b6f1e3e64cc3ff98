"""The words and signs of a text with its comments, line by line, for tools that keep both."""

from __future__ import annotations

from dataclasses import dataclass

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
    for token in parser().lex(text, dont_ignore=True):
        if token.type == "WS":
            found += [[] for _ in range(token.count("\n"))]
        else:
            found[-1].append(Token(token.type, str(token), token.start_pos or 0))
    return found
