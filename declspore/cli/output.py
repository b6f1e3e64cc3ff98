"""Printing: the only door through which text leaves the program.

What comes from a file (names of entries, paths, lines of a spec) may be made to act on the terminal
that it is shown on. So nothing is printed past these functions: ruff bans ``click.echo`` elsewhere.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import wraps
from itertools import islice
from typing import NoReturn, TypeVar

import click

from declspore.diagnostic import Diagnostic
from declspore.engine import EngineMissing
from declspore.render import render_all, to_json
from declspore.report import DiagnosticError
from declspore.spelling import harmless, json_escaped, listing, of_json, printable

Command = TypeVar("Command", bound=Callable[..., None])


def reporting(command: Callable[..., None]) -> Callable[..., None]:
    """A command whose diagnostics are printed and become its exit code."""

    @wraps(command)
    def wrapped(**options: object) -> None:
        try:
            command(**options)
        except Exception as error:
            found = explained(error)
            if found is None:
                raise
            as_lines = isinstance(error, DiagnosticError) and bool(options.get("as_lines"))
            fail(found, as_json=bool(options.get("as_json")), as_lines=as_lines)

    return wrapped


def explained(error: Exception) -> DiagnosticError | None:
    """What ends a command, as diagnostics; None for what is a mistake of ours."""
    if isinstance(error, DiagnosticError):
        return error
    if isinstance(error, EngineMissing):
        from declspore.run.errors import engine_missing

        return engine_missing(None, error.packages)
    from declspore.registry import plugin

    fault = plugin.fault_of(error)
    if fault is None:
        return None
    from declspore.check.errors import words_fail

    return DiagnosticError([words_fail(*fault)])


def with_advice(found: Sequence[Diagnostic]) -> Sequence[Diagnostic]:
    """Diagnostics, with lines that would help where they ask for such."""
    if not any(diagnostic.questions for diagnostic in found):
        return found
    # looking for lines that would help takes rooms that most commands never need
    from declspore.suggest.advice import answered

    return answered(found)


def fail(error: DiagnosticError, *, as_json: bool, as_lines: bool = False) -> NoReturn:
    """Print what is wrong and end with the exit code that belongs to it."""
    found = with_advice(error.diagnostics)
    told = {"ok": False, "diagnostics": [to_json(d) for d in found]}
    if as_lines:
        print_json_line({"event": "failed", **told})
    elif as_json:
        print_json(told)
    else:
        print_diagnostics(found)
    sys.exit(error.exit_code)


def _put(text: str, *, err: bool = False, color: bool | None = None) -> None:
    """Print a text. Where its reader has left (``| head``), the work still is carried out."""
    try:
        click.echo(text, err=err, nl=False, color=color)
    except BrokenPipeError:
        # what is left in the buffer would fail once more at Python's own end
        stream = sys.stderr if err else sys.stdout
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def echo(*lines: str, err: bool = False) -> None:
    """Print lines. Everything in them that no one sees is shown as an escape, a line break too: a
    name cannot look like a line of ours."""
    _put("\n".join(map(printable, lines)) + "\n", err=err)


def echo_document(text: str) -> None:
    """Print a document as it is, such as a spec; only what a terminal would act on is escaped."""
    _put(harmless(text))


def print_diagnostics(diagnostics: Iterable[Diagnostic]) -> None:
    found = list(diagnostics)
    if found:
        terminal = sys.stderr.isatty()
        color = terminal and not os.environ.get("NO_COLOR")
        # the renderer escapes what it is given, and colors the rest
        _put(render_all(found, color=color) + "\n", err=True, color=color)
        if terminal:
            echo("", f"declspore explain {found[0].code} explains it", err=True)


def print_json(value: object) -> None:
    """Print a document. JSON does not have NaN and infinity; they are strings there. What is an
    iterator in it is a list whose items are printed as they come."""
    if isinstance(value, dict) and any(isinstance(each, Iterator) for each in value.values()):
        for text in _streamed(value):
            _put(text)
    else:
        _put(f"{_json_text(value)}\n")


_ITEMS_AT_ONCE = 1024


def _streamed(document: dict[str, object]) -> Iterator[str]:
    for place, (name, value) in enumerate(document.items()):
        yield ("{\n" if place == 0 else ",\n") + f"  {_json_text(name)}: "
        if not isinstance(value, Iterator):
            yield _indented(value, 2)
            continue
        before = "[\n"
        while some := list(islice(value, _ITEMS_AT_ONCE)):
            yield before + ",\n".join(f"    {_indented(item, 4)}" for item in some)
            before = ",\n"
        yield "[]" if before == "[\n" else "\n  ]"
    yield "\n}\n"


def _indented(value: object, depth: int) -> str:
    return _json_text(value).replace("\n", "\n" + " " * depth)


def _json_text(value: object) -> str:
    try:
        text = json_escaped(json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False))
    except ValueError:  # seldom, and a document may be large
        value = of_json(value)
        text = json_escaped(json.dumps(value, indent=2, ensure_ascii=False))
    try:
        text.encode(sys.stdout.encoding)
    except UnicodeEncodeError:
        text = json.dumps(value, indent=2)
    return text


def print_json_line(value: object) -> None:
    """Print a value on one line, at once."""
    _put(json_escaped(json.dumps(value)) + "\n")
    sys.stdout.flush()


def told_unused(who: str, names: Sequence[str]) -> None:
    """Report which entries were left out, where some were."""
    if names:
        text = f"left out, as {who} no place for an optimizer's state: {listing(names, limit=4)}"
        echo(text, err=True)
