"""The reverse of an edit, proved by planning it before it is shown."""

from __future__ import annotations

import os
from collections.abc import Iterator

from declspore.check.check import check
from declspore.dataclass import dataclass
from declspore.invert import errors
from declspore.invert.rules import Reverse, Rules
from declspore.ir.header import Header, HeaderEntry
from declspore.ir.term import Arguments, Term, show
from declspore.plan.files import file_kind, path_of
from declspore.report import DiagnosticError, Sink
from declspore.same_file import same_path
from declspore.source import Source
from declspore.syntax.format import format_text
from declspore.tasks.edit.decide import EditPlan, plan_edit
from declspore.tasks.edit.origins import origins
from declspore.tasks.edit.plan import PlannedEdit
from declspore.tasks.edit.task import EditTask

_WAYS = ((True, False), (False, False), (False, True))
"""By patterns or by names; slots left to follow their weights, or with rules of their own."""


@dataclass(frozen=True)
class Inverse:
    """A spec whose edit takes the output back. ``ordered`` is whether the entries will be in the
    order of the original; ``restored`` are those whose values come from the original itself."""

    task: str
    text: str
    ordered: bool
    restored: tuple[str, ...]


def invert(plan: PlannedEdit, *, original: bool = False) -> Inverse:
    """The reverse of a planned edit. With ``original``, what the edit loses is copied from its
    input. Raises DiagnosticError with a reason for each rule that cannot be undone."""
    task = plan.task
    source, output = _only_file(plan)
    rules = Rules(plan.edit, original=original, path=str(source.arguments.path))
    rules.raise_problems()
    if rules.restores and same_path(path_of(source), path_of(output)):
        reason = "it replaces its input, which holds what it loses"
        raise DiagnosticError([errors.no_reverse(task.span, reason)])
    reasons = []
    for by_pattern, all_slots in _WAYS:
        reverse = rules.reverse(by_pattern=by_pattern, all_slots=all_slots)
        found = _proved(_text(task, source, output, reverse), plan.edit, reverse)
        if isinstance(found, Inverse):
            return found
        reasons.append(found)
    raise DiagnosticError([errors.no_reverse(task.span, reasons[-1])])


def _only_file(plan: PlannedEdit) -> tuple[Term, Term]:
    """The one input that flows and the one output, as files."""
    task = plan.task
    flowing = [each for each in task.inputs if not each.used]
    if len(flowing) != 1 or flowing[0].many:
        reason = "it reads several files, and its output does not show which entry came from which"
        raise DiagnosticError([errors.no_reverse(task.span, reason)])
    if len(task.files) != 1:
        reason = "it writes several files; invert reads one"
        raise DiagnosticError([errors.no_reverse(task.span, reason)])
    return plan.files[flowing[0].name][0], task.files[0]


# ---- the text


def _text(task: EditTask, source: Term, output: Term, reverse: Reverse) -> str:
    back = _with_path(source, _back(str(source.arguments.path)))
    lines = [
        "spec 1",
        "",
        f"# The reverse of the edit `{task.name}` of {task.span.source.name}.",
        f"edit {task.name}_back {{",
        f"in src = {_file(output)}",
        *([f"use original = {_file(source)}"] if reverse.restored else []),
        f"out dst = {_file(back)}",
        "",
        *reverse.lines,
        "}",
    ]
    return format_text("\n".join(lines) + "\n")


def _back(path: str) -> str:
    """The original's path with ``.back`` before its suffix, so that nothing is overwritten."""
    stem, suffix = os.path.splitext(path)
    return f"{stem}.back{suffix}"


def _with_path(file: Term, path: str) -> Term:
    return Term(file.family, file.word, Arguments({**file.arguments, "path": path}))


def _file(file: Term) -> str:
    """The file as a spec names it. A digest that is stated is that of the values as they were."""
    given = [show(file.arguments.path)]
    for argument in file_kind(file.word).signature.arguments:
        value = file.arguments.get(argument.name)
        if not argument.required and value != argument.default and argument.name != "sha256":
            given.append(f"{argument.name} = {show(value)}")
    return f"{file.word}({', '.join(given)})"


# ---- the proof


def _proved(text: str, forward: EditPlan, reverse: Reverse) -> Inverse | str:
    """The inverse, or why the text is none: planned on what the edit writes, it must give every
    entry of the original, made of nothing but what that entry became."""
    before = forward.inputs[_flowing(forward.task)][0]
    sink = Sink()
    try:
        task = next(iter(check(Source("the reverse", text)).tasks.values()))
        assert isinstance(task, EditTask)
        headers: dict[str, Header] = {"src": forward.header}
        if reverse.restored:
            headers["original"] = before
        backward = plan_edit(task, headers, sink)
    except DiagnosticError as error:
        return error.diagnostics[0].title
    if backward is None:
        return sink.errors[0].title
    wrong = next(_differences(before, forward, backward), None)
    if wrong is not None:
        return wrong
    ordered = [e.name for e in backward.header] == [e.name for e in before]
    return Inverse(task.name, text, ordered, reverse.restored)


def _flowing(task: EditTask) -> str:
    return next(each.name for each in task.inputs if not each.used)


def _differences(before: Header, forward: EditPlan, backward: EditPlan) -> Iterator[str]:
    wanted = {entry.name: entry for entry in before}
    found: dict[str, HeaderEntry] = {entry.name: entry for entry in backward.header}
    for name in [*(n for n in wanted if n not in found), *(n for n in found if n not in wanted)]:
        yield f"`{name}` is in one of both only"
    became: dict[str, set[str]] = {}
    for name, sources in origins(forward).items():
        for _, old in sources:
            became.setdefault(old, set()).add(name)
    for name, sources in origins(backward).items():
        if name not in wanted:
            continue
        if (wanted[name].dtype, wanted[name].shape) != (found[name].dtype, found[name].shape):
            yield f"`{name}` would be {found[name].type}, not {wanted[name].type}"
        restored = sources == {("original", name)}
        if not restored and not {old for _, old in sources} <= became.get(name, set()):
            yield f"`{name}` would be made of another entry"
