"""``--set name=value`` and reading the spec of a command."""

from __future__ import annotations

from collections.abc import Sequence

import click

from declspore.check.check import check
from declspore.check.result import CheckedSpec
from declspore.diagnostic import Diagnostic, FilePlace, Label
from declspore.report import DiagnosticError
from declspore.source import Source
from declspore.syntax.parse import read_source


def parse_settings(settings: Sequence[str]) -> dict[str, str]:
    """The settings by name. Raises click.UsageError for one without ``=``."""
    found: dict[str, str] = {}
    for setting in settings:
        name, equals, value = setting.partition("=")
        if not equals or not name.strip():
            raise click.BadParameter(f"write NAME=VALUE, not {setting!r}", param_hint="--set")
        found[name.strip()] = value.strip()
    return found


def checked_spec(path: str, settings: Sequence[str]) -> CheckedSpec:
    """The checked spec of a file. Raises DiagnosticError."""
    return check(spec_source(path), parse_settings(settings))


def spec_source(path: str) -> Source:
    from pathlib import Path

    try:
        return read_source(Path(path), path)
    except FileNotFoundError:
        raise DiagnosticError([_unreadable(path, "E501", "there is no such file")]) from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        title = f"the file cannot be read: {reason}"
        raise DiagnosticError([_unreadable(path, "E502", title)]) from None


def _unreadable(path: str, code: str, title: str) -> Diagnostic:
    return Diagnostic(code, title, (Label(FilePlace(path)),))
