"""Diagnostics of commands that belong to no pass."""

from __future__ import annotations

from collections.abc import Iterable

import click

from declspore.diagnostic import Diagnostic, FilePlace, Label
from declspore.report import DiagnosticError
from declspore.spelling import did_you_mean
from declspore.stopping import cut_help, cut_title


def unknown_word(name: str, candidates: Iterable[str]) -> Diagnostic:
    title = f"the vocabulary has no word `{name}`"
    return Diagnostic("E212", title, helps=did_you_mean(name, candidates))


def unknown_code(code: str, candidates: Iterable[str]) -> Diagnostic:
    title = f"no diagnostic has the code {code}"
    return Diagnostic("E213", title, helps=did_you_mean(code, candidates))


def unwritable(path: str, error: OSError) -> DiagnosticError:
    """A text that a command makes and cannot write: a spec, a picture."""
    title = f"the file cannot be written: {error.strerror or error}"
    return DiagnosticError([Diagnostic("E555", title, (Label(FilePlace(path)),))])


def wrong_call(error: click.UsageError) -> DiagnosticError:
    """Options or arguments that a command does not take, or lacks."""
    message = error.format_message().rstrip(".")
    helps: tuple[str, ...] = ()
    if error.ctx is not None:
        helps = (f"usage: {error.ctx.command_path} {_form(error.ctx)}",)
    return DiagnosticError([Diagnostic("E564", message[:1].lower() + message[1:], helps=helps)])


def _form(context: click.Context) -> str:
    return " ".join(context.command.collect_usage_pieces(context))


def output_full(error: OSError) -> DiagnosticError:
    title = f"standard output cannot be written: {error.strerror or error}"
    return DiagnosticError([Diagnostic("E706", title)])


def module_cut(path: str) -> DiagnosticError:
    """A compiled module that Python cannot read."""
    return DiagnosticError([Diagnostic("E567", cut_title(path), helps=(cut_help(path),))])
