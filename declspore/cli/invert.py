"""``declspore invert``"""

from __future__ import annotations

from declspore.check.spec import CheckedSpec
from declspore.cli.output import echo, echo_document, print_json, reporting
from declspore.cli.settings import checked_spec
from declspore.cli.write import write_new
from declspore.invert.errors import not_an_edit
from declspore.invert.invert import invert
from declspore.plan.planner import make_plan
from declspore.report import DiagnosticError
from declspore.spelling import count
from declspore.tasks.edit.plan import PlannedEdit
from declspore.tasks.edit.task import EditTask


@reporting
def invert_command(
    spec: str,
    task: str | None,
    settings: tuple[str, ...],
    output: str | None,
    original: bool,
    as_json: bool,
) -> None:
    checked = checked_spec(spec, settings)
    name = _edit(checked, task)
    plans = make_plan(checked, [name], in_place=True, allow_python=True).tasks
    plan = next(p for p in plans if isinstance(p, PlannedEdit) and p.task.name == name)
    found = invert(plan, original=original)
    if output is not None:
        write_new(output, found.text)
    if as_json:
        facts = {"task": found.task, "ordered": found.ordered, "restored": list(found.restored)}
        print_json({"ok": True, **facts, "recipe": found.text})
        return
    if output is None:
        echo_document(found.text)
    if found.restored:
        restored = count(len(found.restored), "entry", "entries")
        echo(f"{restored} copied from the original", err=True)
    if not found.ordered:
        echo("the entries will be in another order than in the original", err=True)


def _edit(checked: CheckedSpec, task: str | None) -> str:
    """The edit that is named, or the only one. Raises DiagnosticError."""
    edits = [name for name, each in checked.tasks.items() if isinstance(each, EditTask)]
    if task is None and len(edits) == 1:
        return edits[0]
    if task is None or task not in edits:
        raise DiagnosticError([not_an_edit(task or "", edits)])
    return task
