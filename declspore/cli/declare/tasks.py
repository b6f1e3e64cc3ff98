"""Commands that plan and run the tasks of specs."""

from __future__ import annotations

from typing import Any

import click

from declspore.cli import options
from declspore.cli.lazy import Command


@click.command()
@options.spec
@options.tasks
@options.settings
@options.in_place
@options.allow_python
@options.fresh
@options.jobs
@options.workers
@options.patience
@options.quiet
@click.option(
    "--locked",
    is_flag=True,
    help="Run only if the spec, its inputs and edited files match FILE.lock.",
)
@click.option("--no-lock", is_flag=True, help="Compute no digests and write no lock.")
@click.option(
    "--dry-run",
    is_flag=True,
    help="Run trainings on two batches of all that they read; write nothing.",
)
@options.as_json
@click.option("--json-lines", "as_lines", is_flag=True, help="Print one line of JSON per event.")
def run(**given: object) -> None:
    """Run the tasks of a spec, or some of them and what they need.

    Everything is checked and planned first; nothing runs unless all of it fits. A task that is
    needed but not named is not run again if its output exists. An interrupted training continues
    where it stopped. FILE.lock next to the spec records the digests of everything that was read and
    written; `declspore verify FILE` checks them.
    """
    from declspore.cli.run import run_command

    run_command(**given)


@click.command()
@options.spec
@options.specs_and_tasks
@options.settings
@options.in_place
@options.allow_python
@options.fresh
@options.workers
@options.as_json
def plan(**given: object) -> None:
    """Show what `run` would do, from headers alone: steps, files, bindings, every edited entry.

    FILE may be a folder, for every .spec below it, or a quoted pattern: `plan 'recipes/*.spec'`.
    Each spec is planned by itself, as if no other had run before; the header of a checkpoint is
    read once for all of them.
    """
    from declspore.cli.plan import plan_command

    plan_command(**given)


@click.command(cls=Command)
@click.argument("inputs", nargs=-1, required=True, metavar="FILE...")
@click.option("--output", "-o", metavar="PATH", help="Where to write; for several FILEs, a folder.")
@options.in_place
@options.rules
@click.option("--recipe", metavar="PATH", help="Write the spec to this new file too.")
@click.option("--dry-run", is_flag=True, help="Show what would happen, from headers alone.")
@options.allow_python
@options.jobs
@options.sharding
@options.set_output
@options.key
@options.new_key
@options.quiet
@options.as_json
def edit(**given: Any) -> None:
    """Edit a checkpoint, or several alike, by flags; print the spec that does the same.

    A flag is a rule of the language without its verb, in which backticks may be left out: --rename
    'fc1.{p} -> neck.{p} exactly 2'. Flags may be repeated, in any order. The spec that is printed
    can be run by `declspore run`. Suffixes choose the formats: .ckpt, .safetensors, .npz.
    """
    from declspore.cli.edit import edit_command

    edit_command(**given)


@click.command()
@options.spec
@click.argument("task", metavar="[TASK]", required=False)
@options.settings
@click.option(
    "--output", "-o", metavar="PATH", help="Write the spec to this file instead of printing it."
)
@click.option("--original", is_flag=True, help="Copy what the edit loses from its input.")
@options.as_json
def invert(**given: object) -> None:
    """Write the recipe that takes the output of an edit back to its input.

    Rules that cannot be undone exactly, such as a delete, are reported with the reason; then there
    is no recipe, unless --original takes what is lost from the input. The recipe is planned before
    it is shown, and writes next to the original, never over it.
    """
    from declspore.cli.invert import invert_command

    invert_command(**given)


@click.command()
@options.spec
@click.argument("task", metavar="[TASK]", required=False)
@options.settings
@click.option(
    "--from",
    "low",
    type=click.FloatRange(0, min_open=True),
    default=1e-6,
    show_default=True,
    help="The first rate.",
)
@click.option(
    "--to",
    "high",
    type=click.FloatRange(0, min_open=True),
    default=1.0,
    show_default=True,
    help="The last rate.",
)
@click.option(
    "--steps",
    type=click.IntRange(10, 10_000),
    default=100,
    show_default=True,
    help="How many rates.",
)
@click.option(
    "--output",
    "-o",
    "outputs",
    multiple=True,
    metavar="PATH",
    help="Write a page (.html) or a table (.csv); may be repeated.",
)
@options.allow_python
@options.quiet
@options.as_json
def rate(**given: object) -> None:
    """Find a learning rate: train for a few steps with rates that grow, and watch the loss.

    The training is that of the task, with the policies that change its steps; rates of groups keep
    their ratio to the optimizer's rate. Nothing is saved. The rate at which the loss falls fastest
    is a good one to begin with.
    """
    from declspore.cli.rate import rate_command

    rate_command(**given)


COMMANDS = (run, plan, rate, edit, invert)
