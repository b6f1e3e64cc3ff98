"""``declspore plan``"""

from __future__ import annotations

import click

from declspore.cli.output import print_diagnostics, print_json, reporting
from declspore.cli.settings import checked_spec
from declspore.plan.planner import Plan, make_plan
from declspore.plan.task import Json
from declspore.render import to_json


@reporting
def plan_command(
    spec: str,
    tasks: tuple[str, ...],
    settings: tuple[str, ...],
    in_place: bool,
    allow_python: bool,
    as_json: bool,
) -> None:
    checked = checked_spec(spec, settings)
    plan = make_plan(checked, tasks, in_place=in_place, allow_python=allow_python)
    if as_json:
        print_json(plan_json(plan))
        return
    print_diagnostics(plan.warnings)
    for name, path in plan.reused.items():
        click.echo(f"{name}: not run again, {path} already exists\n")
    click.echo(plan_text(plan))


def plan_text(plan: Plan) -> str:
    """What the tasks of a plan would do, for people."""
    blocks = ["\n".join(task.lines()) for task in plan.tasks]
    return "\n\n".join(blocks) or "nothing to run"


def plan_json(plan: Plan) -> dict[str, Json]:
    """A plan as plain values."""
    return {
        "ok": True,
        "diagnostics": [to_json(warning) for warning in plan.warnings],
        "reused": dict(plan.reused),
        "tasks": [
            {"task": task.task.name, "kind": task.task.kind.name, **task.facts()}
            for task in plan.tasks
        ],
    }
