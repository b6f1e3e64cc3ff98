"""``declspore run``"""

from __future__ import annotations

import sys
from dataclasses import asdict

import click

from declspore.cli.output import print_diagnostics, print_json, reporting
from declspore.cli.progress import Progress
from declspore.cli.quiet import load_quietly
from declspore.cli.settings import checked_spec
from declspore.plan.plan import PlannedEdit, make_plan
from declspore.run.report import Reporter, Silent
from declspore.run.run import run_plan


@reporting
def run_command(
    spec: str,
    tasks: tuple[str, ...],
    settings: tuple[str, ...],
    in_place: bool,
    allow_python: bool,
    jobs: int,
    quiet: bool,
    as_json: bool,
) -> None:
    checked = checked_spec(spec, settings)
    plan = make_plan(checked, tasks, in_place=in_place, allow_python=allow_python)
    if not as_json:
        print_diagnostics(plan.warnings)
    for name, path in plan.reused.items():
        click.echo(f"{name}: not run again, {path} is there", err=True)
    if any(not isinstance(task, PlannedEdit) for task in plan.tasks):
        if not (quiet or as_json):
            click.echo("loading Keras ...", err=True)
        load_quietly("declspore.run.train", "declspore.run.evaluate")
    reporter: Reporter = Silent() if as_json else Progress(quiet=quiet, stream=sys.stderr)
    try:
        results = run_plan(plan, reporter, jobs=jobs if jobs > 1 else None)
    except KeyboardInterrupt:
        click.echo("\ninterrupted; files saved before are whole", err=True)
        sys.exit(130)
    finally:
        if isinstance(reporter, Progress):
            reporter.close()
    if as_json:
        kinds = [{"kind": type(result).__name__.lower(), **asdict(result)} for result in results]
        print_json({"ok": True, "results": kinds})
