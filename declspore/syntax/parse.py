"""Text to syntax tree.

Assumes nothing of the text; guarantees a :class:`declspore.syntax.ast.Spec` or diagnostics,
never another exception. After a mistake the declaration that holds it is passed over and the
rest is read, so that all syntax errors of a file come out at once.
"""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path

from lark import Lark, Tree
from lark.exceptions import UnexpectedCharacters, UnexpectedInput, UnexpectedToken, VisitError

from declspore.diagnostic import Diagnostic
from declspore.report import DiagnosticError, Sink
from declspore.resources import grammar_folder
from declspore.source import Source, Span
from declspore.syntax import ast, errors
from declspore.syntax.build import Build

EDITION = 1
_MOST_ERRORS = 20
_DECLARATION = re.compile(
    r"^(?:spec|import|param|let|cell|network|dataset|optimizer|train|eval|edit)\b", re.MULTILINE
)
_EDITION = re.compile(r"(?:\s|#[^\n]*)*spec[ \t]+\d+")


def read_source(path: Path, name: str | None = None) -> Source:
    """The text of a file. Raises DiagnosticError where it cannot be read or is not UTF-8."""
    shown = name or str(path)
    try:
        return Source(shown, path.read_bytes().decode("utf-8-sig"), path)
    except UnicodeDecodeError as error:
        raise DiagnosticError([errors.not_text(shown, error.start)]) from None
    except FileNotFoundError:
        raise DiagnosticError([errors.no_file(shown)]) from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise DiagnosticError([errors.unreadable(shown, reason)]) from None


def parse(source: Source) -> ast.Spec:
    """The syntax tree of a text. Raises DiagnosticError with every syntax error."""
    sink = Sink()
    if not _EDITION.match(source.text):
        sink.report(errors.no_edition(source))
        sink.raise_errors()
    tree = _parse_all(source, sink)
    sink.raise_errors()
    assert tree is not None
    spec = _build(source, tree)
    if spec.edition != EDITION:
        start = source.text.index("spec")
        span = Span(source, start, source.text.index("\n", start) if "\n" in source.text else start)
        raise DiagnosticError([errors.unknown_edition(span, spec.edition)])
    return spec


@lru_cache(maxsize=1)
def _parser() -> Lark:
    return Lark.open(
        str(grammar_folder() / "spec.lark"),
        parser="lalr",
        propagate_positions=True,
        maybe_placeholders=True,
    )


def _parse_all(source: Source, sink: Sink) -> Tree[object] | None:
    """The tree, or None with every mistake reported."""
    text = source.text
    for _ in range(_MOST_ERRORS):
        try:
            return _parser().parse(text)  # type: ignore[return-value]
        except UnexpectedInput as error:
            span = _place(source, error)
            sink.report(_explain(span, error))
            text = _without_declaration(text, span.start)
    return None


def _place(source: Source, error: UnexpectedInput) -> Span:
    start = error.pos_in_stream
    length = 1
    if isinstance(error, UnexpectedToken):
        length = max(len(str(error.token)), 1)
        if error.token.type == "$END":
            start, length = len(source.text.rstrip()), 0
    offset = min(start if start is not None else 0, len(source.text))
    return Span(source, offset, min(offset + length, len(source.text)))


def _explain(span: Span, error: UnexpectedInput) -> Diagnostic:
    if isinstance(error, UnexpectedCharacters):
        return errors.unknown_character(span)
    expected = error.accepts or error.expected if isinstance(error, UnexpectedToken) else ()
    return errors.unexpected(span, expected)


def _without_declaration(text: str, offset: int) -> str:
    """The text with the declaration around the offset blanked out, every other place kept."""
    starts = [found.start() for found in _DECLARATION.finditer(text)]
    start = max((s for s in starts if s <= offset), default=0)
    if text.startswith("spec", start):
        start = offset
    end = min((s for s in starts if s > max(offset, start)), default=len(text))
    blank = re.sub(r"[^\n]", " ", text[start:end])
    return text[:start] + blank + text[end:]


def _build(source: Source, tree: Tree[object]) -> ast.Spec:
    try:
        return Build(source).transform(tree)  # type: ignore[arg-type]
    except (RecursionError, VisitError) as error:
        if isinstance(error, VisitError) and not isinstance(error.orig_exc, RecursionError):
            raise
        raise DiagnosticError([errors.too_deep(source)]) from None
