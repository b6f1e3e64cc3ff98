"""The networks a command is about: ``FILE`` for all, ``FILE.spec:NAME(...)`` for one."""

from __future__ import annotations

import click

from declspore.check.check import check_file
from declspore.ir.network import Network
from declspore.source import Source


def networks_of(text: str, settings: dict[str, str]) -> dict[str, Network]:
    """By name: the networks of a file that need no arguments, or the one that is named.

    Raises DiagnosticError.
    """
    if ".spec:" not in text:
        return dict(check_file(text, settings).networks)
    network = one_network(text, "FILE", settings)
    return {text.partition(".spec:")[2]: network}


def one_network(text: str, hint: str, settings: dict[str, str]) -> Network:
    """``FILE.spec:NAME`` or ``FILE.spec:NAME(arguments)``, checked. Raises DiagnosticError."""
    file, colon, expression = text.partition(".spec:")
    if not colon or not expression:
        raise click.BadParameter(
            f"write FILE.spec:NAME or FILE.spec:NAME(ARGUMENTS), not {text!r}", param_hint=hint
        )
    return check_file(f"{file}.spec", settings).network_of(Source(text, expression))
