"""Commands about checkpoints."""

from __future__ import annotations

import click

from declspore.cli import options
from declspore.cli.lazy import Command


@click.command(cls=Command)
@click.argument("checkpoint", metavar="FILE")
@click.argument("patterns", nargs=-1, metavar="[PATTERN]...")
@options.roles
@click.option("--tree", "as_tree", is_flag=True, help="Show names as a tree, with subtotals.")
@click.option(
    "--stats", "with_stats", is_flag=True, help="Read the values: minimum, maximum, mean, NaN."
)
@options.sharding
@options.key
@options.as_json
def inspect(**given: object) -> None:
    """List the entries of a checkpoint: type, role, size. Reads headers only.

    FILE is a .ckpt, .safetensors or .npz file, recognized by its content, or a set of files: a
    folder of ranks, or an index of safetensors. A PATTERN is a path as in a spec: `*` matches
    within a segment, `**` across segments. Damaged entries are reported, and the rest is shown.
    """
    from declspore.cli.inspect import inspect_command

    inspect_command(**given)


@click.command()
@click.argument("before", metavar="FILE")
@click.argument("after", metavar="OTHER")
@options.sharding
@click.option("--other-strategy", metavar="PATH", help="OTHER's strategy file, if it has its own.")
@options.key
@click.option(
    "--other-key-env", metavar="NAME", help="Variable with OTHER's key, if it has its own."
)
@click.option("--other-key-file", metavar="PATH", help="File with OTHER's key, if it has its own.")
@options.as_json
def diff(**given: object) -> None:
    """Show what differs between two checkpoints: entries, types, values.

    Renamed entries are found by their content. Exit code 0: the same entries and values, in any
    order and format; 3: there are differences; 2: a file cannot be read.
    """
    from declspore.cli.diff import diff_command

    diff_command(**given)


@click.command()
@click.argument("checkpoints", nargs=-1, required=True, metavar="FILE...")
@click.option(
    "--finite/--no-finite", default=True, help="Look for NaN and infinity (on by default)."
)
@options.sharding
@options.key
@options.as_json
def verify(**given: object) -> None:
    """Check checkpoints: structure, sizes, CRC where there is one, finite values, equal replicas.

    For a .spec or its .lock: whether the files that `run` recorded are still the same; what
    changed is reported tensor by tensor. Nothing is run.

    Exit code 2: a file is missing or damaged; 3: all are whole, but a value is not finite or a
    recorded file has changed.
    """
    from declspore.cli.verify import verify_command

    verify_command(**given)


@click.command(cls=Command)
@click.argument("input", metavar="INPUT")
@click.argument("output", metavar="OUTPUT")
@click.option(
    "--network",
    metavar="FILE:NAME",
    help="The network that weights of Keras belong to.",
)
@options.settings
@options.sharding
@options.set_output
@click.option("--dry-run", is_flag=True, help="Show what would be written, for a set.")
@click.option(
    "--jobs",
    "-j",
    type=click.IntRange(1),
    default=1,
    metavar="N",
    help="How many processes write the files of a set.",
)
@options.key
@options.new_key
@click.option("--in-place", is_flag=True, help="Let OUTPUT be INPUT, which is replaced atomically.")
@options.as_json
def convert(**given: object) -> None:
    """Convert between .ckpt, .safetensors, .npz and Keras .weights.h5; encrypt and decrypt.

    OUTPUT's suffix chooses the format; INPUT, a file or a set of files, is recognized by its
    content. Whatever is left out is reported. A CRC in INPUT is checked. Weights of Keras belong to
    a network of a spec: --network specs/lenet.spec:LeNet5, with its arguments if it has any.

    With --new-strategy or --index OUTPUT is a folder: a sharded checkpoint, whatever INPUT is. The
    folder appears as a whole, and replaces only an earlier set.
    """
    from declspore.cli.convert import convert_command

    convert_command(**given)


COMMANDS = (inspect, diff, verify, convert)
