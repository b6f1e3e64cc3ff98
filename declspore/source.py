"""Texts and places in them.

A :class:`Source` is a named text; a :class:`Span` is a half-open range of its characters.
Every syntax node and every diagnostic carries a span, so that a message can always show
the line it speaks of.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import field
from functools import cached_property
from pathlib import Path

from declspore.dataclass import dataclass


@dataclass(frozen=True, eq=False)
class Source:
    """A text with the name a user knows it by; ``marked`` if its file begins with UTF-8's mark. The
    first ``hidden_lines`` are the program's own."""

    name: str
    text: str = field(repr=False)
    path: Path | None = None
    marked: bool = False
    hidden_lines: int = 0

    @property
    def content(self) -> bytes:
        """The bytes of the file it was read from."""
        return (b"\xef\xbb\xbf" if self.marked else b"") + self.text.encode()

    @cached_property
    def line_starts(self) -> tuple[int, ...]:
        """Offsets of the first character of each line."""
        breaks = (index + 1 for index, char in enumerate(self.text) if char == "\n")
        return (0, *breaks)

    def position(self, offset: int) -> tuple[int, int]:
        """Line and column of an offset, both counted from 1."""
        line = bisect_right(self.line_starts, offset)
        column = offset - self.line_starts[line - 1] + 1
        return max(line - self.hidden_lines, 1), column

    def line(self, number: int) -> str:
        """The text of a line (counted from 1), without its line break."""
        start = self.line_starts[number - 1 + self.hidden_lines]
        end = self.text.find("\n", start)
        return self.text[start : len(self.text) if end < 0 else end].rstrip("\r")


@dataclass(frozen=True, slots=True)
class Span:
    """The characters ``start`` to ``end`` (exclusive) of a source."""

    source: Source
    start: int
    end: int

    @property
    def text(self) -> str:
        return self.source.text[self.start : self.end]

    @property
    def line(self) -> int:
        return self.source.position(self.start)[0]

    @property
    def column(self) -> int:
        return self.source.position(self.start)[1]

    def to(self, other: Span) -> Span:
        """The span from the start of this one to the end of the other."""
        return Span(self.source, self.start, max(self.end, other.end))

    def __str__(self) -> str:
        return f"{self.source.name}:{self.line}:{self.column}"
