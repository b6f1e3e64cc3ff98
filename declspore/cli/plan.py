"""``declspore plan``"""

from __future__ import annotations

from declspore.cli.output import echo, print_diagnostics, print_json, reporting
from declspore.cli.settings import checked_spec
from declspore.cli.together import planned_workers
from declspore.plan.planner import Plan, make_plan
from declspore.render import to_json
from declspore.spelling import Json


@reporting
def plan_command(
    spec: str,
    tasks: tuple[str, ...],
    settings: tuple[str, ...],
    in_place: bool,
    allow_python: bool,
    fresh: bool,
    workers: int,
    as_json: bool,
) -> None:
    checked = checked_spec(spec, settings)
    plan = make_plan(
        checked,
        tasks,
        in_place=in_place,
        allow_python=allow_python,
        anew=fresh,
        workers=planned_workers(workers),
    )
    if as_json:
        print_json(plan_json(plan))
        return
    print_diagnostics(plan.warnings)
    for name, path in plan.reused.items():
        echo(f"{name}: not run again, {path} already exists", "")
    echo(*plan_lines(plan))


def plan_lines(plan: Plan) -> list[str]:
    """What the tasks of a plan would do, for people."""
    lines: list[str] = []
    for task in plan.tasks:
        lines += ["", *task.lines()]
    return lines[1:] or ["nothing to run"]


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
