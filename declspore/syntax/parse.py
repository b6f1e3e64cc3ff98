"""Text to syntax tree.

Assumes nothing of the text; guarantees a :class:`declspore.syntax.ast.Spec` or diagnostics,
never another exception. Where the whole does not parse, each declaration is read on its own, so
that all syntax errors of a file come out at once and none follows from another.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from itertools import pairwise
from pathlib import Path

import lark
from lark import Lark, Token, Tree
from lark.exceptions import UnexpectedCharacters, UnexpectedInput, UnexpectedToken

from declspore.diagnostic import Diagnostic
from declspore.garbage import kept
from declspore.report import DiagnosticError, Sink
from declspore.resources import cache_folder, grammar_folder
from declspore.source import Source, Span
from declspore.syntax import ast, errors
from declspore.syntax.build import Build

EDITION = 1
_DECLARATION = re.compile(
    r'^(?:import[ \t]+"|'
    r"(?:param|let|cell|network|dataset|optimizer|train|eval|edit)[ \t]+[A-Za-z_])",
    re.MULTILINE,
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
    with kept():
        return _parse(source)


def _parse(source: Source) -> ast.Spec:
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
def parser() -> Lark:
    """The parser. Its tables are kept in the user's cache: making them takes half a second."""
    folder = cache_folder()
    if folder is not None:
        try:
            return _made(str(folder / f"spec-{lark.__version__}.tables"))
        except OSError:
            pass  # a full or read-only disk must not keep anyone from parsing
    return _made(False)


def _made(cache: str | bool) -> Lark:
    return Lark.open(
        str(grammar_folder() / "spec.lark"),
        parser="lalr",
        propagate_positions=True,
        maybe_placeholders=True,
        cache=cache,
    )


def _parse_all(source: Source, sink: Sink) -> Tree[Token] | None:
    """The tree, or None with the first mistake of each declaration reported."""
    try:
        return parser().parse(source.text)
    except UnexpectedInput as error:
        first = _explain(_place(source, source.text, error), error)
    for text, shift in _one_by_one(source.text):
        try:
            parser().parse(text)
        except UnexpectedInput as error:
            sink.report(_explain(_place(source, text, error, shift), error))
    if not sink.errors:
        sink.report(first)
    return None


def _one_by_one(text: str) -> Iterator[tuple[str, int]]:
    """Each declaration behind the edition, and how far it stood from there."""
    head = _EDITION.match(text)
    assert head is not None
    starts = [found.start() for found in _DECLARATION.finditer(text, head.end())]
    for start, end in pairwise([head.end(), *starts, len(text)]):
        yield f"{head[0]}\n{text[start:end]}", start - head.end() - 1


def _place(source: Source, text: str, error: UnexpectedInput, shift: int = 0) -> Span:
    """Where the mistake is; at the end of ``text`` where something is missing there."""
    if isinstance(error, UnexpectedToken) and error.token.type != "$END":
        start, length = error.token.start_pos or 0, max(len(str(error.token)), 1)
    elif isinstance(error, UnexpectedCharacters):
        start, length = error.pos_in_stream, 1
    else:
        start, length = len(text.rstrip()), 0
    start = max(start + shift, 0)
    return Span(source, start, min(start + length, len(source.text)))


def _explain(span: Span, error: UnexpectedInput) -> Diagnostic:
    if isinstance(error, UnexpectedCharacters):
        return errors.unknown_character(span)
    expected = error.accepts or error.expected if isinstance(error, UnexpectedToken) else ()
    return errors.unexpected(span, expected)


def _build(source: Source, tree: Tree[Token]) -> ast.Spec:
    build = Build(source)
    try:
        spec: ast.Spec = build.node(tree)
        build.sink.raise_errors()
        return spec
    except RecursionError:
        raise DiagnosticError([errors.too_deep(source)]) from None
