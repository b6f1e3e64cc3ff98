"""``--set name=value``"""

from __future__ import annotations

from collections.abc import Sequence

import click

from declspore.check.check import check_file
from declspore.check.spec import CheckedSpec


def checked_spec(path: str, settings: Sequence[str]) -> CheckedSpec:
    """The checked spec of a file. Raises DiagnosticError."""
    return check_file(path, parse_settings(settings))


def parse_settings(settings: Sequence[str]) -> dict[str, str]:
    """The settings by name. Raises click.BadParameter for one without ``=`` or given twice."""
    found: dict[str, str] = {}
    for setting in settings:
        name, equals, value = setting.partition("=")
        if not equals or not name.strip():
            raise click.BadParameter(f"write NAME=VALUE, not {setting!r}", param_hint="--set")
        if name.strip() in found:
            reason = f"{name.strip()!r} is set twice"
            raise click.BadParameter(reason, param_hint="--set")
        found[name.strip()] = value.strip()
    return found
