"""Diagnostics of reading and parsing: codes E1xx, and E51x for files that cannot be read."""

from __future__ import annotations

import re
from collections.abc import Iterable

from declspore.diagnostic import Diagnostic, FilePlace, Label
from declspore.source import Source, Span
from declspore.syntax import characters
from declspore.syntax.idioms import help_for

_CLOSERS = {"(": ")", "[": "]", "{": "}"}
# strings, paths and comments hide brackets; one alternative each, brackets last
_BRACKET = re.compile(r'"(?:[^"\\\n]++|\\.)*+"?|`[^`\n]*`|#[^\n]*|(?P<bracket>[()\[\]{}])')

_TERMINALS = {
    "NAME": "a name",
    "INT": "an integer",
    "FLOAT": "a number",
    "QUANTITY": "a number with a unit",
    "STRING": 'a "text"',
    "PATH": "a `path`",
    "REGEX": 're"..."',
    "INFIX": "an operator",
    "ELLIPSIS": "`...`",
    "TASK": "a task",
    "ARROW": "`->`",
    "$END": "the end of the file",
}
_SIGNS = {
    "LPAR": "`(`",
    "RPAR": "`)`",
    "LSQB": "`[`",
    "RSQB": "`]`",
    "LBRACE": "`{`",
    "RBRACE": "`}`",
    "EQUAL": "`=`",
    "COMMA": "`,`",
    "COLON": "`:`",
    "DOT": "`.`",
    "MINUS": "`-`",
    "QMARK": "`?`",
}
# what continues an expression is always allowed after one and does not help in a message
_CONTINUATIONS = frozenset(("INFIX", "QMARK", "DOT", "LSQB", "LPAR"))
# what begins a value; named together where all of them may come
_VALUES = frozenset(
    ("NAME", "INT", "FLOAT", "QUANTITY", "STRING", "PATH", "REGEX", "TRUE", "FALSE", "NONE")
)
_NEVER_WRITTEN = frozenset(("DAMAGED", "MODIFIER", "OWNER"))
_OPENERS = frozenset(("MINUS", "NOT", "IF", "LPAR", "LSQB"))
# where a declaration may begin; the parser owns the words, this only looks backwards for one
_DECLARATION = re.compile(r"^[a-z]+[ \t]+[A-Za-z_\"]", re.MULTILINE)


def unexpected(span: Span, expected: Iterable[str]) -> Diagnostic:
    """E101: a token that is not expected here."""
    found = f"unexpected `{span.text}`" if span.text.strip() else "the declaration is not finished"
    here = "not expected here" if span.text.strip() else "something is missing here"
    wanted, unclosed = set(expected), _unclosed(span)
    helps = () if unclosed else _help_for(span) or _bare_path(span, wanted)
    notes = () if helps else _expected(wanted)
    return _unexpected(found, (Label(span, here), *unclosed), notes, helps)


def _unexpected(
    title: str, labels: tuple[Label, ...], notes: tuple[str, ...], helps: tuple[str, ...]
) -> Diagnostic:
    return Diagnostic("E101", title, labels, notes, helps)


def spelled_arrow(span: Span, line: str) -> Diagnostic:
    """A word where ``->`` belongs."""
    return _unexpected(f"unexpected `{span.text}`", (Label(span),), (), (line,))


def unknown_character(span: Span) -> Diagnostic:
    """E102: a character no token starts with."""
    character = span.text
    meant = characters.meaning(character)
    if meant is not None and character != "'":
        return foreign_character(characters.ForeignCharacter(character, meant, ()), (span,))
    helps = {
        "'": ('strings are written between double quotes: "..."',),
        "`": ("a path is written between two backticks on one line",),
        '"': ("a string ends with a double quote on the same line",),
    }
    idiom = help_for(span)
    letter = (
        "a name has English letters, digits and `_`; that of an entry is written in backticks",
    )
    known = letter if character.isalpha() else helps.get(character, ())
    shown = f"`{character}`" if character.isprintable() else characters.named(character)
    return _unknown_character(
        f"{shown} cannot start anything here", (Label(span),), (idiom,) if idiom else known
    )


def foreign_character(found: characters.ForeignCharacter, places: Iterable[Span]) -> Diagnostic:
    """E102: a character that looks like a sign of the language."""
    spans = tuple(places)
    labels = (Label(spans[0]), *(Label(each, "and here") for each in spans[1:]))
    if found.character == "'":
        text = re.compile(r"'([^'\n]*)'").match(spans[0].source.text, spans[0].start)
        help = f'strings are written between double quotes: "{text[1] if text else "..."}"'
        return _unknown_character("`'` cannot start anything here", labels[:1], (help,))
    meant = {" ": "a space", "\n": "a line break"}.get(found.meant, f"`{found.meant}`")
    title = f"{characters.named(found.character)} is not {meant}"
    return _unknown_character(title, labels, (f"write {meant}",))


def _unknown_character(title: str, labels: tuple[Label, ...], helps: tuple[str, ...]) -> Diagnostic:
    return Diagnostic("E102", title, labels, helps=helps)


def no_edition(place: Span | FilePlace) -> Diagnostic:
    """E103: the text does not begin with its edition. Of a file no line is shown: it may be
    anything."""
    return Diagnostic(
        "E103",
        "a spec begins with its edition",
        (Label(place, "`spec 1` belongs here" if isinstance(place, Span) else ""),),
        notes=("the edition fixes the meaning of every word below, for good",),
        helps=("first line: spec 1",),
    )


def unknown_edition(span: Span, edition: int) -> Diagnostic:
    """E104: an edition this version does not know."""
    return Diagnostic(
        "E104",
        f"edition {edition} is not known",
        (Label(span, "this version of declspore reads edition 1"),),
        helps=("write `spec 1`, or install a newer declspore",),
    )


def too_deep(place: Span) -> Diagnostic:
    """E105: nesting beyond what any network needs."""
    return Diagnostic(
        "E105",
        "the text is nested too deeply",
        (Label(place),),
        helps=("give parts of the expression a name with `let`",),
    )


def not_text(place: Span | FilePlace, offset: int, byte: int) -> Diagnostic:
    """E106: the file is not UTF-8. The line is shown of a spec alone: another file may be
    anything."""
    help = "a spec is a UTF-8 text file; is this a checkpoint? `declspore inspect FILE`"
    if isinstance(place, Span):
        latin = bytes([byte]).decode("latin-1")
        meant = f" (`{latin}` in Latin-1)" if latin.isprintable() else ""
        help = f"save the file as UTF-8: byte 0x{byte:02X}{meant} begins no character there"
    title = f"the file is not text: byte {offset} is not UTF-8"
    return Diagnostic("E106", title, (Label(place),), helps=(help,))


def bad_number(span: Span, title: str, help: str | None = None) -> Diagnostic:
    """E107: a number beyond what a float can be, or one that is not spelled as one."""
    return Diagnostic("E107", title, (Label(span),), helps=(help,) if help else ())


def unknown_unit(span: Span, help: str) -> Diagnostic:
    """E109: a word after a number that is not a unit."""
    return Diagnostic("E109", f"`{span.text}` is not a unit", (Label(span),), helps=(help,))


def hidden_character(span: Span) -> Diagnostic:
    """E110: a character that is not seen and acts on what shows the text."""
    code, escaped = f"U+{ord(span.text):04X}", f"\\x{{{ord(span.text):x}}}"
    return Diagnostic(
        "E110",
        f"the spec contains {code}, an invisible character",
        (Label(span),),
        notes=(
            "terminals and editors act on it, so the text that is shown is not the text that runs",
        ),
        helps=(f'remove it; to match a name that contains it, write re"...{escaped}..."',),
    )


def misplaced_operator(span: Span, title: str, help: str | None = None) -> Diagnostic:
    """E108: an operator that cannot follow the one before it: ``a < b < c``, ``a + not b``."""
    return Diagnostic("E108", title, (Label(span),), helps=(help,) if help else ())


def no_file(name: str, near: str | None = None) -> Diagnostic:
    """E511: the spec is not there."""
    helps = (f"did you mean {near}?",) if near else ()
    return Diagnostic("E511", "the spec was not found", (Label(FilePlace(name)),), helps=helps)


def no_specs(name: str) -> Diagnostic:
    """E511: a folder or a pattern that no spec belongs to."""
    return Diagnostic("E511", "no file that ends in .spec was found", (Label(FilePlace(name)),))


def unreadable(name: str, reason: str) -> Diagnostic:
    """E512: the spec is there and cannot be read."""
    return Diagnostic("E512", f"the spec cannot be read: {reason}", (Label(FilePlace(name)),))


def _expected(terminals: Iterable[str]) -> tuple[str, ...]:
    names = set(terminals) - _NEVER_WRITTEN
    if "INFIX" in names and names - _CONTINUATIONS:
        names -= _CONTINUATIONS
    anything = {"NAME", "INT", "STRING"} <= names
    hidden = _VALUES | _OPENERS if anything else {"NAME"}
    words = sorted(_terminal_name(name) for name in names - hidden)
    if "NAME" in names:
        words.append("a value" if anything else "a name")
    if not words or len(words) > 12:
        return ()
    return (f"expected {' or '.join(words)}",)


def _terminal_name(name: str) -> str:
    if name in _TERMINALS:
        return _TERMINALS[name]
    return _SIGNS.get(name) or f"`{name.strip('_').lower()}`"


def _unclosed(span: Span) -> list[Label]:
    """The bracket left open, or closed by one of another kind, before the place."""
    opened: list[re.Match[str]] = []
    begin = _declaration_before(span)
    for found in _BRACKET.finditer(span.source.text, begin, span.start):
        bracket = found["bracket"]
        if bracket in _CLOSERS:
            opened.append(found)
        elif bracket and opened:
            opened.pop()
    if not opened:
        return []
    last = opened[-1]
    wrong_closer = span.text in _CLOSERS.values() and span.text != _CLOSERS[last["bracket"]]
    starts_line = not span.source.line(span.line)[: span.column - 1].strip()
    if last["bracket"] == "{" or not (wrong_closer or starts_line):
        return []
    place = Span(span.source, last.start(), last.end())
    return [Label(place, f"opened here and not closed by `{_CLOSERS[last['bracket']]}`")]


def nested_beyond(source: Source, most: int) -> Span | None:
    """The first bracket that has more than so many around it; None where there is none."""
    depth = 0
    for found in _BRACKET.finditer(source.text):
        bracket = found["bracket"]
        if bracket in _CLOSERS:
            depth += 1
            if depth > most:
                return Span(source, found.start(), found.end())
        elif bracket:
            depth = max(depth - 1, 0)
    return None


def _declaration_before(span: Span) -> int:
    """Where the declaration begins that the place is in, looked for backwards, line by line."""
    text, line = span.source.text, span.start
    while line > 0:
        line = text.rfind("\n", 0, line - 1) + 1
        if _DECLARATION.match(text, line, span.start):
            return line
    return 0


def _bare_path(span: Span, expected: set[str]) -> tuple[str, ...]:
    """Where a path is written as a name with dots, or as a text."""
    if "PATH" not in expected or "STRING" in expected:
        return ()
    head = re.search(r"(?:\w+\.)+\Z", span.source.text[max(span.start - 200, 0) : span.start])
    if span.text.startswith('"'):
        text = span.text.strip('"')
        return (f"a path is written in backticks: `{text}`",)
    tail = re.compile(r"\w+(?:\.\w+)*").match(span.source.text, span.start)
    if head is None or tail is None:
        return ()
    source, dot, path = (head[0] + tail[0]).partition(".")
    whole = f"`{source}{dot}{path}`"
    return (f"a path is written in backticks: {whole}, or {source}.`{path}` of the input {source}",)


def _help_for(span: Span) -> tuple[str, ...]:
    idiom = help_for(span)
    if idiom is not None:
        return (idiom,)
    line = span.source.line(span.line)
    if span.text == ":" and re.match(r"\s*\w+\s*:", line):
        return ("`:` gives a type; a value follows `=`",)
    if span.text == "=" and "==" not in line and re.search(r"\b(if|when|ensure)\b", line):
        return ("`=` names a value; to compare, write `==`",)
    return ()
