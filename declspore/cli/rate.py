"""``declspore rate``"""

from __future__ import annotations

import csv
import io
import sys
from dataclasses import asdict
from math import log10
from typing import cast

import click

from declspore.check.spec import CheckedSpec
from declspore.cli.interrupt import interruptible
from declspore.cli.output import echo, print_diagnostics, print_json, reporting
from declspore.cli.progress import Noted, Progress
from declspore.cli.quiet import load_quietly
from declspore.cli.settings import checked_spec
from declspore.cli.write import check_writable, write_text
from declspore.numerics.page import head, section
from declspore.numerics.rate_range import RateRange
from declspore.plan.planner import Plan, make_plan
from declspore.plan.task import TaskPlan, imported
from declspore.run.engine import require_engine
from declspore.run.kernels import choose_kernels
from declspore.run.task import SweepTask
from declspore.spelling import listing

_SUFFIXES = (".html", ".csv")


@reporting
def rate_command(
    spec: str,
    task: str | None,
    settings: tuple[str, ...],
    low: float,
    high: float,
    steps: int,
    outputs: tuple[str, ...],
    allow_python: bool,
    quiet: bool,
    as_json: bool,
) -> None:
    if low >= high:
        raise click.BadParameter("it must be below --to", param_hint="--from")
    for path in outputs:
        if not path.endswith(_SUFFIXES):
            raise click.BadParameter(f"a name ends in {listing(_SUFFIXES)}", param_hint="--output")
    check_writable(*outputs)
    checked = checked_spec(spec, settings)
    name = _chosen(checked, spec, task)
    plan = make_plan(checked, [name], allow_python=allow_python, restarts=True)
    planned = _only(plan, spec, name)
    require_engine(plan)
    if not as_json:
        print_diagnostics(plan.warnings)
    found = _found(plan, planned, (low, high, steps), Noted() if as_json else _bar(quiet))
    for path in outputs:
        _write(path, found, planned)
    if as_json:
        print_json({"ok": True, "task": name, **asdict(found)})
        return
    echo(*_lines(name, found, (low, high)))
    for path in outputs:
        echo(f"wrote {path}")


def _bar(quiet: bool) -> Progress:
    return Progress(quiet=quiet, stream=sys.stderr)


def _chosen(checked: CheckedSpec, spec: str, task: str | None) -> str:
    """The training that is meant."""
    trainings = [name for name, each in checked.tasks.items() if each.kind.sweeps]
    if task is None and len(trainings) == 1:
        return trainings[0]
    if task in trainings:
        return task
    known = listing(trainings) if trainings else "none"
    if task is None:
        raise click.UsageError(f"name one of the trainings of {spec}: it has {known}")
    raise click.UsageError(f"{spec} does not have the training {task}; it has {known}")


def _only(plan: Plan, spec: str, name: str) -> TaskPlan:
    """The plan of the training alone, whose checkpoint must exist."""
    before = [each.task.name for each in plan.tasks if each.task.name != name]
    if before:
        needed = listing(before)
        raise click.UsageError(f"{name} needs {needed}: run `declspore run {spec} {before[-1]}`")
    planned = plan.tasks[-1]
    reason = planned.has_own_rate()
    if reason is not None:
        raise click.UsageError(f"{name} {reason}")
    return planned


def _found(
    plan: Plan,
    planned: TaskPlan,
    rates: tuple[float, float, int],
    reporter: Progress | Noted,
) -> RateRange:
    choose_kernels(plan)
    sweeps = planned.task.kind.sweeps
    assert sweeps is not None, "its task was chosen among those that have one"
    load_quietly(sweeps.partition(":")[0])
    try:
        with interruptible(reporter) as watched:
            watched.begin(planned)
            return cast(SweepTask, imported(sweeps))(planned, *rates, watched)
    except KeyboardInterrupt:
        echo("", "interrupted", err=True)
        sys.exit(130)
    finally:
        if isinstance(reporter, Progress):
            reporter.close()


def _lines(name: str, found: RateRange, rates: tuple[float, float]) -> list[str]:
    if found.steepest is None or found.lowest is None:
        low, high = rates
        lines = [f"{name}: the loss does not fall at any rate from {low:g} to {high:g}"]
    else:
        lines = [
            f"{name}: the loss falls fastest at {found.steepest:.2g}",
            f"  it is lowest at {found.lowest:.2g}",
        ]
    if found.diverged is not None:
        lines.append(f"  it diverges at {found.diverged:.2g}")
    return lines


def _write(path: str, found: RateRange, planned: TaskPlan) -> None:
    text = _table(found) if path.endswith(".csv") else _page(found, planned)
    write_text(path, text)


def _table(found: RateRange) -> str:
    text = io.StringIO()
    rows = csv.writer(text, lineterminator="\n")
    rows.writerow(["rate", "loss", "smoothed"])
    for values in zip(found.rates, found.losses, found.smoothed, strict=True):
        rows.writerow([f"{value:.9g}" for value in values])
    return text.getvalue()


def _page(found: RateRange, planned: TaskPlan) -> str:
    places = [log10(rate) for rate in found.rates]
    lines = {
        "each step": list(zip(places, found.losses, strict=True)),
        "average": list(zip(places, found.smoothed, strict=True)),
    }
    named = {"falls fastest": found.steepest, "lowest": found.lowest}
    marks = {name: log10(rate) for name, rate in named.items() if rate is not None}
    lead = "; ".join(_lines(planned.task.name, found, (found.rates[0], found.rates[-1])))
    drawn = section(
        "Loss over the learning rate", lines, "rate", label=lambda at: f"{10**at:.2g}", marks=marks
    )
    return "".join([*head(planned.title, lead), drawn, "</html>\n"])
