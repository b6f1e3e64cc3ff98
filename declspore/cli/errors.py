"""Diagnostics of commands that belong to no pass."""

from __future__ import annotations

from collections.abc import Iterable

from declspore.diagnostic import Diagnostic, FilePlace, Label
from declspore.report import DiagnosticError
from declspore.spelling import did_you_mean


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
