"""Text to syntax tree.

Assumes nothing of the text; guarantees a :class:`declspore.syntax.ast.Spec` or diagnostics,
never another exception. Where the whole does not parse, each declaration is read on its own and on
past its mistakes (:mod:`declspore.syntax.recover`), so that all syntax errors of a file come out at
once, none follows from another, and what is not damaged is there.
"""

from __future__ import annotations

import re
import sys
from codecs import BOM_UTF8
from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import islice, pairwise
from pathlib import Path

from lark import Lark
from lark.exceptions import UnexpectedCharacters, UnexpectedInput, UnexpectedToken

from declspore.collector import paused
from declspore.dataclass import dataclass
from declspore.deep import deeply
from declspore.diagnostic import Diagnostic, FilePlace
from declspore.regular import TooLarge, read_small
from declspore.report import DiagnosticError, Sink
from declspore.resources import specs_folder
from declspore.source import Source, Span
from declspore.spelling import HIDDEN, closest
from declspore.syntax import ast, errors
from declspore.syntax.build import Build
from declspore.syntax.characters import ForeignCharacter, mended
from declspore.syntax.idioms import unit_at_fault
from declspore.syntax.numbers import misspelled
from declspore.syntax.recover import Report, recovered
from declspore.syntax.tables import grammar_parser

EDITION = 1
_MOST_HIDDEN = 20
_MOST_NEAR = 1000
_DECLARATION = re.compile(
    r'^(?:import[ \t]+"'
    r"|(?:param|let|cell|network|dataset|optimizer)[ \t]+[A-Za-z_]"
    r"|loss[ \t]+[A-Za-z_]\w*[ \t]*[({]"
    r"|(?!(?:if|then|else|and|or|not|for|in|when|return)\b)"
    r"[a-z]\w*[ \t]+[A-Za-z_]\w*[ \t]*(?:[{#]|$))",
    re.MULTILINE,
)
_EDITION = re.compile(r"(?:\s++|#[^\n]*+)*+spec[ \t]+\d+")


MOST_BYTES = 16 << 20
"""Of a spec. A recipe of a hundred thousand literal rules has half of that."""


def read_source(path: Path, name: str | None = None) -> Source:
    """The text of a file. Raises DiagnosticError where it cannot be read, is larger than a spec
    can be, is not UTF-8, or does not begin with its edition.

    What does not begin as a spec may be anything, a file of secrets too: its message never shows
    a line of it.
    """
    shown = name or str(path)
    try:
        content = read_small(str(path), MOST_BYTES)
    except FileNotFoundError:
        raise DiagnosticError([errors.no_file(shown, near_spec(path))]) from None
    except OSError as error:
        raise DiagnosticError([errors.unreadable(shown, error.strerror or str(error))]) from None
    return Source(shown, text_of(content, shown), path, content.startswith(BOM_UTF8))


def near_spec(path: Path) -> str | None:
    """The spec of the folder, or of the library, whose name is most like that of a path."""
    folder = path.parent
    try:
        own = {
            each.name.removesuffix(".spec"): str(folder / each.name)
            for each in islice(folder.glob("*.spec"), _MOST_NEAR)
        }
    except OSError:
        own = {}
    shipped = {each.stem: each.name for each in specs_folder().glob("*.spec")}
    known = (shipped if path.name == str(path) else {}) | own
    return next((known[stem] for stem in closest(path.name.removesuffix(".spec"), known)), None)


def read_standard_input() -> Source:
    """The spec on standard input. Raises DiagnosticError as :func:`read_source`."""
    name = "<stdin>"
    content = sys.stdin.buffer.read(MOST_BYTES + 1)
    if len(content) > MOST_BYTES:
        raise DiagnosticError([errors.unreadable(name, TooLarge(MOST_BYTES).reason)])
    return Source(name, text_of(content, name))


def text_of(content: bytes, name: str) -> str:
    """The text of a spec that was read. Raises DiagnosticError as :func:`read_source`."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        place: Span | FilePlace = FilePlace(name, error.start)
        before = content[: error.start].decode("utf-8-sig", errors="replace")
        if _EDITION.match(before) is not None:
            source = Source(name, content.decode("utf-8-sig", errors="replace"))
            place = Span(source, len(before), len(before) + 1)
        found = errors.not_text(place, error.start, content[error.start])
        raise DiagnosticError([found]) from None
    if _EDITION.match(text) is None:
        raise DiagnosticError([errors.no_edition(FilePlace(name))])
    return text


@dataclass(frozen=True, slots=True)
class Parsed:
    """What of a text parses, and what does not; ``spec`` is whole where there is no diagnostic."""

    spec: ast.Spec
    diagnostics: tuple[Diagnostic, ...]


def parse(source: Source) -> ast.Spec:
    """The syntax tree of a text. Raises DiagnosticError with every syntax error."""
    found = parse_partly(source)
    if found.diagnostics:
        raise DiagnosticError(found.diagnostics)
    return found.spec


def parse_partly(source: Source) -> Parsed:
    """The syntax tree of any text, as far as it parses, with every syntax error.

    What does not parse is :class:`declspore.syntax.ast.Damaged` in the tree: a value, a statement,
    a formal or a whole declaration, and all around it is there. Raises nothing.
    """
    with paused():
        before = Sink()
        for found in islice(HIDDEN.finditer(source.text), _MOST_HIDDEN):
            before.report(errors.hidden_character(Span(source, *found.span())))
        try:
            spec, sink = deeply(lambda: _read(source, before))
        except RecursionError:
            before.report(errors.too_deep(Span(source, 0, 0)))
            spec, sink = Build(source).spec(EDITION, [], Span(source, 0, len(source.text))), before
        return Parsed(spec, sink.errors)


def _read(source: Source, before: Sink) -> tuple[ast.Spec, Sink]:
    """The tree with every problem. Raises RecursionError."""
    sink = Sink()
    sink.extend(before)
    place = errors.nested_beyond(source, MOST_NESTED)
    if place is None:
        return _spec(source, sink), sink
    sink.report(errors.too_deep(place))
    return Build(source).spec(EDITION, [], Span(source, 0, len(source.text))), sink


MOST_NESTED = 200
"""Brackets around a place of a text: no network needs as many."""


def parse_expression(source: Source) -> ast.Expression:
    """The tree of a text that is one expression. Raises DiagnosticError."""
    head = "spec 1\nlet it =\n"
    hidden = head.count("\n")
    text = head + source.text
    found = parse_partly(Source(source.name, text, source.path, hidden_lines=hidden))
    if found.diagnostics:
        raise DiagnosticError(found.diagnostics)
    (declaration,) = found.spec.declarations
    assert isinstance(declaration, ast.Let)
    return declaration.value


@lru_cache(maxsize=1)
def parser() -> Lark:
    """The parser."""
    return grammar_parser()


def _spec(source: Source, sink: Sink) -> ast.Spec:
    build = Build(source)
    span = Span(source, 0, len(source.text))
    text, first = source.text, None
    head = _EDITION.match(text)
    if head is None:
        sink.report(errors.no_edition(Span(source, 0, 0)))
    else:
        try:
            return _whole(build, text, sink)
        except UnexpectedInput as error:
            first = error
            text, replaced = mended(text)
            _report_replaced(source, replaced, sink)
    if first is not None and replaced:
        try:
            return _whole(build, text, sink)
        except UnexpectedInput as error:
            first = error
    items = []
    for start, end in _stretches(text, head.end() if head else 0):
        trees = recovered(parser(), text, start, end, _reporting(source, end, sink))
        items += [build.node(tree) for tree in trees]
    if first is not None and not sink.errors:
        sink.report(_explain(_place(source, len(text), first), first))
    sink.extend(build.sink)
    return build.spec(EDITION, items, span)


def _whole(build: Build, text: str, sink: Sink) -> ast.Spec:
    """The tree of a text without a mistake. Raises what the parser does."""
    spec: ast.Spec = build.node(parser().parse(text))
    sink.extend(build.sink)
    _check_edition(spec, sink)
    return spec


def _report_replaced(source: Source, replaced: Iterable[ForeignCharacter], sink: Sink) -> None:
    for each in replaced:
        places = [Span(source, place, place + 1) for place in each.places]
        sink.report(errors.foreign_character(each, places))


def _check_edition(spec: ast.Spec, sink: Sink) -> None:
    if spec.edition != EDITION:
        text = spec.source.text
        start = text.index("spec")
        end = text.index("\n", start) if "\n" in text else start
        sink.report(errors.unknown_edition(Span(spec.source, start, end), spec.edition))


def _stretches(text: str, start: int) -> Iterator[tuple[int, int]]:
    """From where to where each declaration reaches, as far as the beginnings of lines show."""
    starts = [found.start() for found in _DECLARATION.finditer(text, start)]
    return ((a, b) for a, b in pairwise([start, *starts, len(text)]) if text[a:b].strip())


def _reporting(source: Source, end: int, sink: Sink) -> Report:
    def report(error: UnexpectedInput) -> None:
        sink.report(_explain(_place(source, end, error), error))

    return report


def _place(source: Source, end: int, error: UnexpectedInput) -> Span:
    """Where the mistake is; at the end of the declaration where something is missing there."""
    if isinstance(error, UnexpectedToken) and error.token.type != "$END":
        start, length = error.token.start_pos or 0, max(len(str(error.token)), 1)
    elif isinstance(error, UnexpectedCharacters):
        start, length = error.pos_in_stream, 1
    else:
        start, length = len(source.text[:end].rstrip()), 0
    return Span(source, start, min(start + length, len(source.text)))


def _explain(span: Span, error: UnexpectedInput) -> Diagnostic:
    number = misspelled(span.source.line(span.line), span.column - 1)
    if number is not None:
        start = span.start - span.column + 1
        place = Span(span.source, start + number.start, start + number.end)
        title = f"`{place.text}` is not the spelling of a number"
        return errors.bad_number(place, title, f"write {number.meant}")
    unit = unit_at_fault(span)
    if unit is not None:
        return errors.unknown_unit(*unit)
    if isinstance(error, UnexpectedCharacters):
        return errors.unknown_character(span)
    expected = error.accepts or error.expected if isinstance(error, UnexpectedToken) else ()
    return errors.unexpected(span, expected)
