"""Printing: diagnostics to the error stream, results and JSON to the output."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterable, Sequence
from functools import wraps
from typing import Any, NoReturn, TypeVar

import click

from declspore.diagnostic import Diagnostic
from declspore.engine import EngineMissing
from declspore.render import render_all, to_json
from declspore.report import DiagnosticError
from declspore.spelling import listing

Command = TypeVar("Command", bound=Callable[..., None])


def reporting(command: Command) -> Command:
    """A command whose diagnostics are printed and become its exit code."""

    @wraps(command)
    def wrapped(**options: Any) -> None:
        try:
            command(**options)
        except DiagnosticError as error:
            fail(error, as_json=bool(options.get("as_json")))
        except EngineMissing as error:
            from declspore.run.errors import engine_missing

            fail(engine_missing(None, error.packages), as_json=bool(options.get("as_json")))

    return wrapped  # type: ignore[return-value]


def fail(error: DiagnosticError, *, as_json: bool) -> NoReturn:
    """Print what is wrong and end with the exit code that belongs to it."""
    found = error.diagnostics
    if any(diagnostic.questions for diagnostic in found):
        # looking for lines that would help takes rooms that most commands never need
        from declspore.suggest.advice import answered

        found = answered(found)
    if as_json:
        print_json({"ok": False, "diagnostics": [to_json(d) for d in found]})
    else:
        print_diagnostics(found)
    sys.exit(error.exit_code)


def print_diagnostics(diagnostics: Iterable[Diagnostic]) -> None:
    found = list(diagnostics)
    if found:
        terminal = sys.stderr.isatty()
        color = terminal and not os.environ.get("NO_COLOR")
        click.echo(render_all(found, color=color), err=True, color=color)
        if terminal:
            click.echo(f"\ndeclspore explain {found[0].code} explains it", err=True)


def print_json(value: Any) -> None:
    text = json.dumps(value, indent=2, ensure_ascii=False)
    try:
        text.encode(sys.stdout.encoding)
    except UnicodeEncodeError:
        text = json.dumps(value, indent=2)
    click.echo(text)


def told_unused(who: str, names: Sequence[str]) -> None:
    """Tell which entries were left out, where some were."""
    if names:
        text = f"left out, as {who} no place for an optimizer's state: {listing(names, limit=4)}"
        click.echo(text, err=True)
