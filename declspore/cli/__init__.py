"""The command line: arguments, exit codes, and the only place that prints."""

from __future__ import annotations

import io
import os
import sys

from declspore.collector import rarely
from declspore.stopping import end_in_one_line, is_command

end_in_one_line()
if is_command():
    rarely()

import click

from declspore import __version__
from declspore.cli.declare import checkpoints, networks, specs, tasks
from declspore.cli.group import CommandGroup
from declspore.resources import cache_folder

EXIT_CODES = """\b
Exit codes: 0 all is well; 1 the spec is wrong; 2 an input file is missing or does not fit, or the
command was called wrongly; 3 an `ensure` failed; 4 a task failed while it ran."""


@click.group(
    cls=CommandGroup, epilog=EXIT_CODES, context_settings={"help_option_names": ["-h", "--help"]}
)
@click.version_option(__version__, package_name="declspore")
def main() -> None:
    """Run, fine-tune and edit MindSpore checkpoints from a spec, in Keras."""
    try:
        os.getcwd()
    except OSError:
        raise click.UsageError("the working folder does not exist any more") from None
    # a name of a file or an entry may hold what the terminal's encoding has no bytes for
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")
    # read when TensorFlow is first imported; its own reports of missing GPUs do not help here
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    # read when Keras is first imported; its configuration file, which could change numbers or be
    # damaged, is looked for in a folder where there is none but Keras's own first one
    os.environ.setdefault("KERAS_BACKEND", "tensorflow")
    folder = cache_folder()
    if folder is not None:
        os.environ["KERAS_HOME"] = str(folder / "keras")
    # read when JAX is first imported: without it, its integers are 32 bits wide
    os.environ.setdefault("JAX_ENABLE_X64", "1")


for _command in (
    *tasks.COMMANDS,
    *specs.COMMANDS,
    *networks.COMMANDS,
    *checkpoints.COMMANDS,
):
    main.add_command(_command)
