"""``declspore docs``"""

from __future__ import annotations

from dataclasses import asdict

import click

from declspore.cli.errors import unknown_word
from declspore.cli.output import print_json, reporting
from declspore.reference.pages import markdown, overview, plain
from declspore.reference.words import word, words
from declspore.registry.table import verbs, vocabulary
from declspore.report import DiagnosticError


@reporting
def docs_command(names: tuple[str, ...], as_markdown: bool, as_json: bool) -> None:
    kinds = {name: [r.get(name) for r in (vocabulary(), verbs()) if r.get(name)] for name in names}
    missing = [name for name, found in kinds.items() if not found]
    if missing:
        known = [*vocabulary().words(), *verbs().words()]
        raise DiagnosticError([unknown_word(name, known) for name in missing])
    chosen = [word(kind) for found in kinds.values() for kind in found if kind is not None]
    if as_json:
        print_json([asdict(each) for each in (chosen or words())])
    elif as_markdown:
        click.echo(markdown(chosen or words()), nl=False)
    else:
        click.echo("\n\n".join(map(plain, chosen)) if names else overview(words()))
