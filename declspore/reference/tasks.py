"""Kinds of tasks, their attributes and statements, as their kinds declare them."""

from __future__ import annotations

import re
from collections.abc import Iterator

from declspore.check.task import TaskKind, task_kinds
from declspore.reference.words import Word

_UNNAMED = ("rule", "in", "use", "out", "when", "for", "rest", "ensure")
"""Statements that the grammar has words of its own for, which the description of the language
tells."""


def task_words() -> Iterator[Word]:
    """A word for each kind of task, then one for each attribute and clause of them."""
    kinds = [kind for _, kind in sorted(task_kinds().items())]
    for kind in kinds:
        yield _kind(kind)
    for name in sorted({name for kind in kinds for name, _ in _parts(kind)}):
        yield _part(name, [kind for kind in kinds if name in dict(_parts(kind))])


def _kind(kind: TaskKind) -> Word:
    arguments = tuple(
        (a.name, "attribute", "required" if a.required else "", a.help) for a in kind.attributes
    )
    statements = tuple(
        (_shown(s.word), "statement", "required" if s.required else "", s.help)
        for s in kind.statements
    )
    usage = f"{kind.name} NAME {{ ... }}"
    return Word("task", kind.name, usage, kind.summary, kind.example, arguments + statements)


def _parts(kind: TaskKind) -> Iterator[tuple[str, str]]:
    """Attributes and clauses with what they are."""
    for attribute in kind.attributes:
        yield attribute.name, attribute.help
    for statement in kind.statements:
        if statement.word not in _UNNAMED:
            yield statement.word, statement.help


def _part(name: str, kinds: list[TaskKind]) -> Word:
    used = re.compile(rf"^\s*{name}\b.*$", re.M)
    line = next((found[0].strip() for kind in kinds if (found := used.search(kind.example))), "")
    owners = ", ".join(f"`{kind.name}`" for kind in kinds)
    helps = dict.fromkeys(dict(_parts(kind))[name] for kind in kinds)
    notes = tuple(f"`{kind.name}`: {dict(_parts(kind))[name]}." for kind in kinds)
    summary = f"Of {owners}: {next(iter(helps))}." if len(helps) == 1 else f"Of {owners}."
    usage = line or f"{name} = ..."
    return Word("task", name, usage, summary, usage, (), notes=notes if len(helps) > 1 else ())


def _shown(word: str) -> str:
    return "VERB ..." if word == "rule" else word
