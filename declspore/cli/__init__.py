"""The command line: arguments, exit codes, and the only place that prints.

Each command's own module is imported when the command runs, so that ``inspect`` starts in the
time Python needs.
"""

from __future__ import annotations

import io
import os
import sys
from typing import Any

import click

from declspore import __version__
from declspore.cli.group import Group

EXIT_CODES = """\b
Exit codes: 0 all is well; 1 the spec is wrong; 2 an input file is missing or does not fit, or the
command was called wrongly; 3 an `ensure` failed; 4 a task failed while it ran."""


@click.group(cls=Group, epilog=EXIT_CODES, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, package_name="declspore")
def main() -> None:
    """Run, fine-tune and edit MindSpore checkpoints from a spec, in Keras."""
    # a name of a file or an entry may hold what the terminal's encoding has no bytes for
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")
    # read when TensorFlow is first imported; its own reports of missing GPUs help nobody here
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    # read when JAX is first imported: without it, its whole numbers are 32 bits wide
    os.environ.setdefault("JAX_ENABLE_X64", "1")


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


_in_place = click.option(
    "--in-place", is_flag=True, help="Let the output replace its own input, all at once."
)


_allow_python = click.option(
    "--allow-python", is_flag=True, help="Let `apply` of an edit call functions of Python."
)


_quiet = click.option("--quiet", "-q", is_flag=True, help="Print results only, no progress.")
_jobs = click.option(
    "--jobs",
    "-j",
    type=click.IntRange(1),
    default=1,
    metavar="N",
    help="Run so many edits at once that do not wait for each other.",
)


def _key(command: Any) -> Any:
    """Options for the key of a file to read."""
    file = click.option("--key-file", metavar="PATH", help="File with the key of FILE.")
    env = click.option("--key-env", metavar="NAME", help="Environment variable with the key.")
    return env(file(command))


@main.command()
@_spec
@_tasks
@_settings
@_in_place
@_allow_python
@_jobs
@_quiet
@click.option(
    "--locked",
    is_flag=True,
    help="Hold spec, inputs and edited files to FILE.lock; no lock, no run.",
)
@click.option("--no-lock", is_flag=True, help="Take no digests and write no lock.")
@_json
def run(**options: Any) -> None:
    """Run the tasks of a spec, or some of them and what they need.

    Everything is checked and planned first; nothing runs unless all of it fits. A task that is
    needed but not named is not run again where its output is there. FILE.lock beside the spec
    records the digests of all that was read and written; `declspore verify FILE` checks them.
    """
    from declspore.cli.run import run_command

    run_command(**options)


def _rules(command: Any) -> Any:
    """An option for each verb of an edit, and for its other parts."""
    texts = {
        "delete": ("PATTERN", "Leave entries out; their optimizer slots go with them."),
        "keep": ("PATTERN", "Keep entries, against --rest delete or a weight they would follow."),
        "rename": ("'A -> B'", "Give entries another name; optimizer slots follow."),
        "copy": ("'A -> B'", "Have entries under another name too."),
        "set": ("'A = VALUE'", "Give entries another value; `it` is the old one."),
        "join": ("'A, B -> C = VALUE'", "Make one entry of several; `them` are the old ones."),
        "split": ("'A -> B, C = VALUE'", "Make several entries of one; `it` is the old one."),
        "add": ("'A = VALUE'", "Add an entry."),
        "use": ("NAME=FILE", "Another file whose entries values may use."),
        "rest": ("POLICY", "What happens to all other entries: keep, delete or error."),
        "ensure": ("CONDITION", "What must hold of `src` and `dst`, or nothing is written."),
    }
    for name, (metavar, help) in reversed(texts.items()):
        command = click.option(f"--{name}", name, multiple=True, metavar=metavar, help=help)(
            command
        )
    return command


def _new_key(command: Any) -> Any:
    """Options for how the output is protected."""
    for option in (
        click.option("--crc", is_flag=True, help="Give the output a CRC."),
        click.option(
            "--mode",
            type=click.Choice(["AES-GCM", "AES-CBC", "SM4-CBC"]),
            help="How to encrypt; AES-GCM.",
        ),
        click.option("--new-key-file", metavar="PATH", help="Encrypt with the key of this file."),
        click.option(
            "--new-key-env", metavar="NAME", help="Encrypt with the key of this variable."
        ),
    ):
        command = option(command)
    return command


@main.command()
@click.argument("inputs", nargs=-1, required=True, metavar="FILE...")
@click.option("--output", "-o", metavar="PATH", help="Where to write; of several FILEs a folder.")
@_in_place
@_rules
@click.option("--recipe", metavar="PATH", help="Write the spec to this new file too.")
@click.option("--dry-run", is_flag=True, help="Show what would happen, from headers alone.")
@_allow_python
@_jobs
@_key
@_new_key
@_quiet
@_json
def edit(**options: Any) -> None:
    """Edit a checkpoint, or several alike, by flags; print the spec that does the same.

    A flag is a rule of the language without its verb, backticks may be left out: --rename
    'fc1.{p} -> neck.{p} exactly 2'. Each may be repeated; their order means nothing. What is
    printed is a spec that `declspore run` takes. Suffixes say the formats: .ckpt, .safetensors,
    .npz.
    """
    from declspore.cli.edit import edit_command

    edit_command(**options)


@main.command()
@_spec
@_settings
@_json
def check(**options: Any) -> None:
    """Check a spec: names, arguments, types and shapes. Reads no checkpoint and no data."""
    from declspore.cli.check import check_command

    check_command(**options)


@main.command()
@click.argument("specs", nargs=-1, required=True, metavar="FILE...")
@click.option("--check", "check_only", is_flag=True, help="Write nothing; exit with 1 if needed.")
@click.option("--diff", "show_diff", is_flag=True, help="Write nothing; show what would change.")
@_json
def fmt(**options: Any) -> None:
    """Bring specs into their canonical form; `-` reads standard input and prints the result.

    Spacing, indentation and alignment only: every line and comment stays.
    """
    from declspore.cli.fmt import fmt_command

    fmt_command(**options)


@main.command()
@click.argument("network", metavar="FILE[:NAME]")
@click.option("--size", "sizes", multiple=True, metavar="NAME=N", help="Fix a size, such as B=1.")
@_settings
@_json
def summary(**options: Any) -> None:
    """Tell what a network is made of: parameters, outputs, multiply-adds.

    FILE.spec:NAME(ARGUMENTS) is one network of a file. Sizes without a number stay symbols.
    """
    from declspore.cli.summary import summary_command

    summary_command(**options)


@main.command()
@click.argument("network", metavar="FILE[:NAME]")
@click.option("--output", "-o", metavar="PATH", help="Write .svg or .dot; else DOT is printed.")
@click.option(
    "--depth", type=click.IntRange(1), help="Draw blocks below so many segments of path as one."
)
@_settings
def graph(**options: Any) -> None:
    """Draw a network with the shapes that flow through it, as SVG or DOT."""
    from declspore.cli.graph import graph_command

    graph_command(**options)


@main.command()
@click.argument("names", nargs=-1, metavar="[WORD]...")
@click.option("--markdown", "as_markdown", is_flag=True, help="Print the page of the reference.")
@_json
def docs(**options: Any) -> None:
    """Tell what words the language has, or what one of them takes.

    Cells, ops, losses, optimizers, schedules, metrics, initializers, sources, transforms, files,
    tensors, questions and edit verbs, as they are defined; of a word of the grammar, such as train,
    what the description of the language says.
    """
    from declspore.cli.docs import docs_command

    docs_command(**options)


@main.command()
@click.argument("codes", nargs=-1, metavar="[CODE]...")
@_json
def explain(**options: Any) -> None:
    """Explain a diagnostic by its code, with a wrong and a right example."""
    from declspore.cli.explain import explain_command

    explain_command(**options)


@main.command()
@click.argument("spec", metavar="FILE", required=False)
@click.option("--schema", is_flag=True, help="Print the JSON schema of the tree instead.")
@click.option("--json", "as_json", is_flag=True, help="JSON; the only form there is.")
def ast(**options: Any) -> None:
    """Print the syntax tree of a spec as JSON, for editors and other programs."""
    from declspore.cli.ast import ast_command

    ast_command(**options)


@main.command()
@_spec
@_tasks
@_settings
@_in_place
@_allow_python
@_json
def plan(**options: Any) -> None:
    """Show what `run` would do, from headers alone: steps, files, bindings, every edited entry."""
    from declspore.cli.plan import plan_command

    plan_command(**options)


@main.command()
@_spec
@click.argument("task", metavar="[TASK]", required=False)
@_settings
@click.option("--output", "-o", metavar="PATH", help="Write the spec here; else it is printed.")
@click.option("--original", is_flag=True, help="Copy what the edit loses from its input.")
@_json
def invert(**options: Any) -> None:
    """Write the recipe that takes the output of an edit back to its input.

    For each rule that cannot be undone exactly, such as a delete, it is said why; then there is no
    recipe, unless --original names the input as the place where the rest comes from. The recipe
    is planned before it is shown, and writes beside the original, never over it.
    """
    from declspore.cli.invert import invert_command

    invert_command(**options)


@main.command()
@click.argument("checkpoint", metavar="FILE")
@click.argument("patterns", nargs=-1, metavar="[PATTERN]...")
@click.option(
    "--role",
    "roles",
    multiple=True,
    type=click.Choice(["weight", "statistic", "slot", "scalar"]),
    help="Only entries of this role; may be repeated.",
)
@click.option("--tree", "as_tree", is_flag=True, help="Show names as a tree, with subtotals.")
@click.option("--stats", "with_stats", is_flag=True, help="Read the values: min, max, mean, NaN.")
@_key
@_json
def inspect(**options: Any) -> None:
    """List the entries of a checkpoint: type, role, size. Reads headers only.

    FILE is a .ckpt, .safetensors or .npz, by content, whatever its name. A PATTERN is a path as in
    a spec: `*` within a segment, `**` over segments. Entries at fault are told, the rest is shown.
    """
    from declspore.cli.inspect import inspect_command

    inspect_command(**options)


@main.command()
@click.argument("before", metavar="FILE")
@click.argument("after", metavar="OTHER")
@_key
@click.option("--other-key-env", metavar="NAME", help="Variable with OTHER's key, if another.")
@click.option("--other-key-file", metavar="PATH", help="File with OTHER's key, if another.")
@_json
def diff(**options: Any) -> None:
    """Tell what differs between two checkpoints: entries, types, values.

    Renamed entries are found by their content. Exit code 0: the same entries and values, in
    whatever order and format; 3: different; 2: a file cannot be read.
    """
    from declspore.cli.diff import diff_command

    diff_command(**options)


@main.command()
@click.argument("checkpoints", nargs=-1, required=True, metavar="FILE...")
@click.option("--finite/--no-finite", default=True, help="Look for NaN and infinity; on.")
@_key
@_json
def verify(**options: Any) -> None:
    """Check checkpoints: structure, sizes, CRC where there is one, finite values.

    For a .spec or its .lock: whether the files that `run` recorded are still the same; what
    changed is told by tensor. Nothing is run.

    Exit code 2: missing or damaged; 3: whole, but a value is not finite or a file differs.
    """
    from declspore.cli.verify import verify_command

    verify_command(**options)


@main.command()
@click.argument("input", metavar="INPUT")
@click.argument("output", metavar="OUTPUT")
@click.option("--network", metavar="FILE:NAME", help="The network that .weights.h5 belong to.")
@_settings
@_key
@_new_key
@click.option("--in-place", is_flag=True, help="Let OUTPUT be INPUT; replaced all at once.")
@_json
def convert(**options: Any) -> None:
    """Convert between .ckpt, .safetensors, .npz and Keras .weights.h5; encrypt and decrypt.

    OUTPUT's suffix says what to write, INPUT's content what it is. Nothing is left out but what
    is told. A CRC in INPUT is checked. Weights of Keras belong to a network of a spec:
    --network specs/lenet.spec:LeNet5, with arguments where it takes some.
    """
    from declspore.cli.convert import convert_command

    convert_command(**options)


@main.command()
@click.argument("network", metavar="FILE:NAME")
@click.argument("checkpoint", metavar="CHECKPOINT")
@click.argument("output", metavar="OUTPUT")
@_settings
@click.option(
    "--data-format",
    type=click.Choice(["channels_first", "channels_last"]),
    default="channels_first",
    help="How images enter and leave; channels_first, as the spec declares them.",
)
@_key
@_json
def export(**options: Any) -> None:
    """Write a network with the values of a checkpoint as a .keras model for inference.

    The file holds Keras's own layers alone: whoever opens it needs Keras, not declspore. The
    checkpoint must fit exactly; an optimizer's state is left out, and that is told. FILE:NAME is
    such as specs/lenet.spec:LeNet5, with arguments where it takes some.
    """
    from declspore.cli.export import export_command

    export_command(**options)
