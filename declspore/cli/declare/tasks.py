"""Commands that plan and run the tasks of specs."""

from __future__ import annotations

from typing import Any

import click

from declspore.cli import options
from declspore.cli.late import Command


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
    help="Hold spec, inputs and edited files to FILE.lock; no lock, no run.",
)
@click.option("--no-lock", is_flag=True, help="Take no digests and write no lock.")
@click.option(
    "--dry-run",
    is_flag=True,
    help="Two batches of everything that trainings read; nothing is written.",
)
@options.as_json
@click.option("--json-lines", "as_lines", is_flag=True, help="Print a line of JSON per event.")
def run(**given: object) -> None:
    """Run the tasks of a spec, or some of them and what they need.

    Everything is checked and planned first; nothing runs unless all of it fits. A task that is
    needed but not named is not run again where its output is there. A training that was interrupted
    goes on where it was. FILE.lock next to the spec
    records the digests of all that was read and written; `declspore verify FILE` checks them.
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
    Each is planned by itself, as if no other were run before; the header of a checkpoint is read
    once.
    """
    from declspore.cli.plan import plan_command

    plan_command(**given)


@click.command(cls=Command)
@click.argument("inputs", nargs=-1, required=True, metavar="FILE...")
@click.option("--output", "-o", metavar="PATH", help="Where to write; of several FILEs a folder.")
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

    A flag is a rule of the language without its verb, backticks may be left out: --rename
    'fc1.{p} -> neck.{p} exactly 2'. Each may be repeated; their order means nothing. What is
    printed is a spec that `declspore run` takes. Suffixes say the formats: .ckpt, .safetensors,
    .npz.
    """
    from declspore.cli.edit import edit_command

    edit_command(**given)


@click.command()
@options.spec
@click.argument("task", metavar="[TASK]", required=False)
@options.settings
@click.option("--output", "-o", metavar="PATH", help="Write the spec here; else it is printed.")
@click.option("--original", is_flag=True, help="Copy what the edit loses from its input.")
@options.as_json
def invert(**given: object) -> None:
    """Write the recipe that takes the output of an edit back to its input.

    For each rule that cannot be undone exactly, such as a delete, it is said why; then there is no
    recipe, unless --original names the input as the place where the rest comes from. The recipe
    is planned before it is shown, and writes next to the original, never over it.
    """
    from declspore.cli.invert import invert_command

    invert_command(**given)


@click.command()
@options.spec
@click.argument("task", metavar="[TASK]", required=False)
@options.settings
@click.option("--from", "low", type=click.FloatRange(0, min_open=True), default=1e-6, help="1e-6")
@click.option("--to", "high", type=click.FloatRange(0, min_open=True), default=1.0, help="1")
@click.option("--steps", type=click.IntRange(10, 10_000), default=100, help="How many rates; 100.")
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

    The training is that of the task, with the policies that change its steps; groups keep their
    relation to the optimizer's rate. Nothing of it is saved. The rate at which the loss falls
    fastest is a good one to begin with.
    """
    from declspore.cli.rate import rate_command

    rate_command(**given)


COMMANDS = (run, plan, rate, edit, invert)
