"""The line of a script that is being carried out, for diagnostics."""

from __future__ import annotations

import contextlib
import linecache
import os
import sys
from functools import lru_cache

from declspore.source import Source, Span

_PACKAGE = os.path.dirname(os.path.dirname(os.path.abspath(__file__))) + os.sep
_NOT_OF_SCRIPTS = (_PACKAGE, contextlib.__file__)


def caller() -> Span:
    """The innermost line that is not declspore's own."""
    frame = sys._getframe(1)  # noqa: SLF001
    while frame.f_back is not None and frame.f_code.co_filename.startswith(_NOT_OF_SCRIPTS):
        frame = frame.f_back
    return span_of(frame.f_code.co_filename, frame.f_lineno)


@lru_cache(maxsize=4096)
def span_of(filename: str, line: int) -> Span:
    """The text of a line without its indentation; nothing where the file does not exist."""
    source = _source(filename)
    if not 0 < line <= len(source.line_starts):
        return Span(source, 0, 0)
    text = source.line(line)
    indent = len(text) - len(text.lstrip())
    start = source.line_starts[line - 1] + indent
    return Span(source, start, start + len(text.strip()))


@lru_cache(maxsize=256)
def _source(filename: str) -> Source:
    return Source(filename, "".join(linecache.getlines(filename)))
