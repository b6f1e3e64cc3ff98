"""Whether a task has the statements its kind takes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import assert_never

from declspore.check import errors
from declspore.check.task import TaskKind
from declspore.language.errors import wrong_type
from declspore.registry.table import verbs
from declspore.report import Sink
from declspore.source import Span
from declspore.syntax import ast


def check_statements(kind: TaskKind, task: ast.Task, sink: Sink) -> None:
    """Report statements that a kind of task does not take, and those that it needs."""
    taken = {statement.word for statement in kind.statements}
    found = set[str]()
    for part in task.parts:
        if isinstance(part, ast.Clause) and "rule" in taken and verbs().get(part.word.text):
            text = part.texts[0]
            sink.report(wrong_type(text.span, "a path", text.span.text, f"`{text.value}`"))
            taken |= {part.word.text}
    for word, span in _statements(task.parts):
        found.add(word)
        if word not in taken:
            owner = f"`{kind.name}`"
            sink.report(errors.unknown_statement(span, owner, _shown(word)))
    if task.damaged:
        return
    missing = [s.word for s in kind.statements if s.required and s.word not in found]
    if missing:
        owner = f"`{task.name.text}`"
        examples = [kind.example_of(word) for word in missing]
        sink.report(errors.missing_parts(task.name.span, owner, missing, examples))


def _statements(parts: Iterable[ast.Part]) -> Iterator[tuple[str, Span]]:
    """The word of each statement, as :class:`declspore.check.task.TaskStatement` names it."""
    for part in parts:
        match part:
            case ast.Clause():
                yield part.word.text, part.span
            case ast.Ensure():
                yield "ensure", part.span
            case ast.File():
                yield part.role, part.span
            case ast.Rule():
                yield "rule", part.span
            case ast.Rest():
                yield "rest", part.span
            case ast.TaskWhen():
                yield "when", part.span
                yield from _statements((*part.then, *part.otherwise))
            case ast.TaskLoop():
                yield "for", part.span
                yield from _statements(part.parts)
            case ast.Attribute() | ast.Damaged():
                pass
            case _:
                assert_never(part)


def _shown(word: str) -> str:
    return "a rule" if word == "rule" else f"`{word}`"
