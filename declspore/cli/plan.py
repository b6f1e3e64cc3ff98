"""``declspore plan``"""

from __future__ import annotations

from declspore.cli.output import echo, print_diagnostics, print_json, reporting
from declspore.cli.processes import planned_workers
from declspore.cli.settings import checked_spec
from declspore.cli.several import Show, are_several, is_spec, over
from declspore.plan.opened import OpenedHeaders
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
    others = [one for one in tasks if is_spec(one)]
    wanted = [one for one in tasks if not is_spec(one)]
    opened = OpenedHeaders()

    def planned(path: str) -> Plan:
        return make_plan(
            checked_spec(path, settings),
            wanted,
            in_place=in_place,
            allow_python=allow_python,
            restarts=fresh,
            workers=planned_workers(workers),
            opened=opened,
        )

    if are_several([spec, *others]):

        def work(path: str) -> tuple[Show, dict[str, Json]]:
            plan = planned(path)
            return lambda: _show(plan, path), plan_json(plan) if as_json else {}

        over([spec, *others], work, as_json=as_json)
        return
    plan = planned(spec)
    if as_json:
        print_json(plan_json(plan))
    else:
        _show(plan)


def _show(plan: Plan, path: str = "") -> None:
    """A plan for people, under the ``path`` of its spec where there are several."""
    print_diagnostics(plan.warnings)
    if path:
        echo(f"{path}:")
    for name, file in plan.reused.items():
        echo(f"{name}: not run again, {file} already exists", "")
    echo(*plan_lines(plan))
    if path:
        echo("")


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
