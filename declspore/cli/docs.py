"""``declspore docs``"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict

from declspore.cli.errors import unknown_word
from declspore.cli.output import echo_document, print_json, reporting
from declspore.reference.language import statements
from declspore.reference.pages import markdown, overview, plain
from declspore.reference.tasks import task_words
from declspore.reference.words import Word, words, words_named
from declspore.report import DiagnosticError


@reporting
def docs_command(names: tuple[str, ...], as_markdown: bool, as_json: bool) -> None:
    grammar = (*task_words(), *statements())
    told = {name: _told(name, grammar) for name in names}
    missing = [name for name, found in told.items() if not found]
    if missing:
        known = [each.name for each in (*words(), *grammar)]
        raise DiagnosticError([unknown_word(name, known) for name in missing])
    chosen = [each for found in told.values() for each in found]
    if as_json:
        print_json([asdict(each) for each in (chosen or [*words(), *grammar])])
    elif as_markdown:
        echo_document(markdown(chosen or [*words(), *task_words()]))
    else:
        every = overview([*words(), *grammar])
        text = "\n\n".join(map(plain, chosen)) if names else every
        echo_document(f"{text}\n")


def _told(name: str, grammar: Iterable[Word]) -> list[Word]:
    """What there is of a name: a word of the vocabulary, an edit verb, words of the grammar."""
    return [*words_named(name), *(each for each in grammar if each.name == name)]
