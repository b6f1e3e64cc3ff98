"""Kinds of tasks, their attributes and statements, as their kinds declare them."""

from __future__ import annotations

import re
from collections.abc import Iterator

from declspore.check.task import TaskKind, task_kinds
from declspore.reference.words import Word

_UNNAMED = ("rule", "in", "use", "out", "when", "for", "rest", "ensure")
"""Statements that the grammar has words of its own for, which the description of the language
explains."""


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
    lines = {kind.name: _line(name, kind) for kind in kinds}
    helps = {kind.name: dict(_parts(kind))[name] for kind in kinds}
    owners = ", ".join(f"`{kind.name}`" for kind in kinds)
    usage = next(iter(lines.values()))
    if len(set(helps.values())) == 1 and len(set(lines.values())) == 1:
        return Word("task", name, usage, f"Of {owners}: {helps[kinds[0].name]}.", usage, ())
    notes = tuple(f"`{owner}`: {helps[owner]}: `{line}`" for owner, line in lines.items())
    return Word("task", name, usage, f"Of {owners}.", usage, (), notes=notes)


def _line(name: str, kind: TaskKind) -> str:
    """How the example of a kind writes a part of it."""
    found = re.search(rf"^\s*{name}\b.*$", kind.example, re.M)
    return re.sub(r" +", " ", found[0].strip()) if found else f"{name} = ..."


def _shown(word: str) -> str:
    return "VERB ..." if word == "rule" else word
