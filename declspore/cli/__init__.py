"""The command line: arguments, exit codes, and the only place that prints.

Each command's own module is imported when the command runs, so that ``inspect`` starts in the
time Python needs.
"""

from __future__ import annotations

import os
from typing import Any

import click

from declspore import __version__

EXIT_CODES = """\b
Exit codes: 0 all is well; 1 the spec is wrong; 2 an input file is missing or does not fit;
3 an `ensure` failed; 4 a task failed while it ran."""


@click.group(epilog=EXIT_CODES, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, package_name="declspore")
def main() -> None:
    """Run, fine-tune and edit MindSpore checkpoints from a spec, in Keras."""
    # read when TensorFlow is first imported; its own reports of missing GPUs help nobody here
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")


_spec = click.argument("spec", metavar="FILE")
_tasks = click.argument("tasks", nargs=-1, metavar="[TASK]...")
_json = click.option("--json", "as_json", is_flag=True, help="Print JSON for programs.")
_settings = click.option(
    "--set",
    "settings",
    multiple=True,
    metavar="NAME=VALUE",
    help="Give a param of the spec its value; may be repeated.",
)


@main.command()
@_spec
@_tasks
@_settings
@click.option("--quiet", "-q", is_flag=True, help="Print results only, no progress.")
@_json
def run(**options: Any) -> None:
    """Run the tasks of a spec, or some of them and what they need.

    Everything is checked and planned first; nothing runs unless all of it fits. A task that is
    needed but not named is not run again where its output is there.
    """
    from declspore.cli.run import run_command

    run_command(**options)


@main.command()
@_spec
@_settings
@_json
def check(**options: Any) -> None:
    """Check a spec: names, arguments, types and shapes. Reads no checkpoint and no data."""
    from declspore.cli.check import check_command

    check_command(**options)


@main.command()
@_spec
@_tasks
@_settings
@_json
def plan(**options: Any) -> None:
    """Show what `run` would do, from headers alone: steps, files, bindings, every edited entry."""
    from declspore.cli.plan import plan_command

    plan_command(**options)


@main.command()
@click.argument("checkpoint", metavar="CKPT")
@_json
def inspect(**options: Any) -> None:
    """List the entries of a checkpoint with their types and sizes. Reads headers only."""
    from declspore.cli.inspect import inspect_command

    inspect_command(**options)
