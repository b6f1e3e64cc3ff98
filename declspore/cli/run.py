"""``declspore run``"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import assert_never

import click

from declspore.check.spec import CheckedSpec
from declspore.cli.interrupt import interruptible
from declspore.cli.output import echo, print_diagnostics, print_json, print_json_line, reporting
from declspore.cli.processes import (
    Sharing,
    local_workers,
    place_in_cluster,
    planned_workers,
    sharing_of,
)
from declspore.cli.progress import Lines, Noted, Progress
from declspore.cli.quiet import load_quietly
from declspore.cli.settings import checked_spec, parse_settings
from declspore.diagnostic import Diagnostic
from declspore.lock.errors import unrecorded
from declspore.lock.hold import check_recipe
from declspore.lock.model import Lock
from declspore.lock.recipe import recipe_of
from declspore.lock.record import Recorder
from declspore.lock.store import found_lock, lock_path, read_lock, write_lock
from declspore.lock.verify import changed_inputs
from declspore.plan.planner import Plan, make_plan
from declspore.render import to_json
from declspore.report import DiagnosticError
from declspore.run.engine import require_engine
from declspore.run.kernels import choose_kernels
from declspore.run.run import run_plan
from declspore.run.task import Result


@reporting
def run_command(
    spec: str,
    tasks: tuple[str, ...],
    settings: tuple[str, ...],
    in_place: bool,
    allow_python: bool,
    fresh: bool,
    jobs: int,
    workers: int,
    heartbeat_timeout: float,
    exchange_timeout: float,
    quiet: bool,
    locked: bool,
    no_lock: bool,
    dry_run: bool,
    as_json: bool,
    as_lines: bool,
) -> None:
    if as_json and as_lines:
        raise click.UsageError("--json prints one document, --json-lines a line for each event")
    sharing = sharing_of(workers, heartbeat_timeout, exchange_timeout)
    no_lock = no_lock or dry_run or not sharing.leads
    if locked and no_lock:
        raise click.UsageError("--locked needs the lock that --no-lock and --dry-run do without")
    held = read_lock(lock_path(spec)) if locked else None
    checked = checked_spec(spec, settings)
    recipe = recipe_of(checked, spec, parse_settings(settings))
    make = partial(
        make_plan,
        *(checked, tasks),
        in_place=in_place,
        allow_python=allow_python,
        restarts=fresh,
        workers=planned_workers(workers),
    )
    plan = make() if held is None else _planned(make, recipe, held)
    if dry_run:
        plan = _rehearsal(plan)
    reporter = _reporter(quiet, as_json, as_lines)
    is_shown = not (as_json or as_lines)
    require_engine(plan)  # which is an error here, and no warning besides
    if is_shown:
        print_diagnostics(plan.warnings)
    for name, path in plan.reused.items():
        echo(f"{name}: not run again, {path} already exists", err=True)
    records = not (locked or no_lock)
    recorder = Recorder(os.path.dirname(recipe.path), records=records, held=held)
    try:
        if held is not None:
            recorder.check(plan)
        results = carry_out(plan, recorder, reporter, jobs=jobs, sharing=sharing)
        unwritten = _write_lock(recipe, recorder, checked) if records else None
    finally:
        recorder.close()
    if records and unwritten is None and is_shown and not quiet:
        echo(f"wrote {recipe.path}", err=True)
    _show_end(results, [] if unwritten is None else unwritten.diagnostics[:1], reporter)


def _show_end(
    results: Sequence[Result], warnings: Sequence[Diagnostic], reporter: Progress | Noted | Lines
) -> None:
    """What a run ends with, for people or for programs."""
    reported = [to_json(warning) for warning in warnings]
    match reporter:
        case Lines():
            print_json_line({"event": "done", "ok": True, "diagnostics": reported})
        case Noted():
            found = [
                each.facts() | {"notes": reporter.notes.get(each.task, [])} for each in results
            ]
            print_json({"ok": True, "results": found, "diagnostics": reported})
        case Progress():
            print_diagnostics(warnings)
        case _:
            assert_never(reporter)


def _reporter(quiet: bool, as_json: bool, as_lines: bool) -> Progress | Noted:
    if as_lines:
        return Lines()
    return Noted() if as_json else Progress(quiet=quiet, stream=sys.stderr)


def _rehearsal(plan: Plan) -> Plan:
    """Its trainings in small; other tasks are left out, which is reported."""
    small = {task.task.name: task.rehearsal() for task in plan.tasks}
    for name in (name for name, found in small.items() if found is None):
        echo(f"{name}: not run in a dry run", err=True)
    return replace(plan, tasks=tuple(found for found in small.values() if found is not None))


def _planned(make: Callable[[], Plan], recipe: Lock, held: Lock) -> Plan:
    """The plan under a lock; where it fails, inputs that changed are reported with the reasons."""
    check_recipe(held, recipe)
    try:
        return make()
    except DiagnosticError as error:
        raise DiagnosticError([*changed_inputs(held), *error.diagnostics]) from None


def carry_out(
    plan: Plan,
    recorder: Recorder,
    reporter: Progress | Noted,
    *,
    jobs: int,
    sharing: Sharing | None = None,
) -> list[Result]:
    """Run a plan and show its progress, by itself or with other processes. Raises DiagnosticError;
    ends the process where it is interrupted."""
    sharing = sharing or Sharing()
    computing = {task.task.kind.run for task in plan.tasks if task.task.kind.computes}
    together = None
    if computing:
        require_engine(plan)
        choose_kernels(plan)
        if isinstance(reporter, Progress) and not reporter.is_quiet:
            echo("loading Keras ...", err=True)
        load = partial(load_quietly, *sorted(path.partition(":")[0] for path in computing))
        together = local_workers(sharing, load)
        if together is None:
            load()
    try:
        with interruptible(reporter) as watched:
            if (place := place_in_cluster(sharing, reporter)) is not None:
                from declspore.run.ranks import run_in_cluster

                return run_in_cluster(plan, place, watched, recorder)
            several = jobs if jobs > 1 else None
            return run_plan(plan, watched, recorder, jobs=several, workers=together)
    except KeyboardInterrupt:
        echo("", "interrupted; files saved before are whole", err=True)
        sys.exit(130)
    finally:
        if isinstance(reporter, Progress):
            reporter.close()


def _write_lock(recipe: Lock, recorder: Recorder, spec: CheckedSpec) -> DiagnosticError | None:
    """Record what ran; what did not run this time stays, where the recipe is the same.

    Why that failed, where it did: the work is done all the same.
    """
    try:
        tasks = recorder.tasks()
        before = found_lock(recipe.path)
        if before is not None and before.same_recipe(recipe):
            tasks = before.tasks | tasks
        in_order = {name: tasks[name] for name in spec.tasks if name in tasks}
        write_lock(recipe.with_tasks(in_order))
    except DiagnosticError as error:
        reason = error.diagnostics[0].title
        return DiagnosticError([unrecorded(recipe.path, reason)])
    return None
