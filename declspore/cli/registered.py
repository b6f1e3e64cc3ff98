"""Options of commands whose names or choices registries know.

Each registry is imported where its options are made: `inspect` needs few of them.
"""

from __future__ import annotations

from collections.abc import Iterator

import click


def rules() -> Iterator[click.Option]:
    """An option for each verb of an edit, and for its other parts."""
    from declspore.registry.verb import every_verb
    from declspore.tasks.edit.kind import policy_names

    for verb in every_verb():
        yield _repeated(verb.name, verb.flag, verb.flag_help)
    yield _repeated("use", "NAME=FILE", "Another file whose entries values may use.")
    *policies, last = policy_names()
    help = f"What happens to all other entries: {', '.join(policies)} or {last}."
    yield _repeated("rest", "POLICY", help)
    help = "What must hold of `src` and `dst`, or nothing is written."
    yield _repeated("ensure", "CONDITION", help)


def _repeated(name: str, usage: str, help: str) -> click.Option:
    return click.Option([f"--{name}"], multiple=True, metavar=usage, help=help)


def mode() -> Iterator[click.Option]:
    """How to encrypt."""
    from declspore.checkpoint.cipher import DEFAULT_MODE, MODES

    help = f"How to encrypt; {DEFAULT_MODE}."
    yield click.Option(["--mode"], type=click.Choice(tuple(MODES)), help=help)


def roles() -> Iterator[click.Option]:
    """Which entries to show."""
    from declspore.plan.roles import ROLES

    help = "Only entries of this role; may be repeated."
    yield click.Option(["--role", "roles"], multiple=True, type=click.Choice(ROLES), help=help)
