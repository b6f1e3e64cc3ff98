"""Arguments and options that commands share."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import click

from declspore.cli.lazy import lazy

Command = TypeVar("Command", bound=Callable[..., object])

spec = click.argument("spec", metavar="FILE")
specs = click.argument("specs", nargs=-1, required=True, metavar="FILE...")
tasks = click.argument("tasks", nargs=-1, metavar="[TASK]...")
specs_and_tasks = click.argument("tasks", nargs=-1, metavar="[FILE|TASK]...")
as_json = click.option("--json", "as_json", is_flag=True, help="Print JSON for programs.")
settings = click.option(
    "--set",
    "settings",
    multiple=True,
    metavar="NAME=VALUE",
    help="Set a param of the spec; may be repeated.",
)
in_place = click.option(
    "--in-place", is_flag=True, help="Let the output replace its own input, atomically."
)
_ALLOWED = "Let specs run Python: words of files they import, and `apply` of edits."


def _allow(context: click.Context, parameter: click.Parameter, value: bool) -> bool:
    if value:
        from declspore.registry import plugin

        plugin.allow()
    return value


allow_python = click.option(
    "--allow-python", is_flag=True, callback=_allow, is_eager=True, help=_ALLOWED
)
allow_words = click.option(
    "--allow-python",
    is_flag=True,
    callback=_allow,
    is_eager=True,
    expose_value=False,
    help="Let specs run Python: words of files they import.",
)
fresh = click.option(
    "--fresh",
    is_flag=True,
    help="Start interrupted trainings and predictions over instead of continuing them.",
)
quiet = click.option("--quiet", "-q", is_flag=True, help="Print results only, no progress.")
jobs = click.option(
    "--jobs",
    "-j",
    type=click.IntRange(1),
    default=1,
    metavar="N",
    help="How many independent edits run at once.",
)

workers = click.option(
    "--workers",
    type=click.IntRange(1, 256),
    default=1,
    metavar="N",
    help="How many processes of this machine share every batch of a training.",
)


def patience(command: Command) -> Command:
    """Options for how long the processes of a training wait for one another."""
    silence = click.option(
        "--heartbeat-timeout",
        type=click.FloatRange(0),
        default=15.0,
        show_default=True,
        metavar="SECONDS",
        help="End a training when one of its processes has sent no heartbeat for this time; at "
        "least 3, or 0 to wait forever.",
    )
    exchange = click.option(
        "--exchange-timeout",
        type=click.FloatRange(0),
        default=0.0,
        metavar="SECONDS",
        help="End a training when one of its processes is alive, but keeps the others waiting for "
        "this time (default: wait forever).",
    )
    return silence(exchange(command))


rules = lazy("declspore.cli.registered:rules")
roles = lazy("declspore.cli.registered:roles")


def key(command: Command) -> Command:
    """Options for the key of a file to read."""
    file = click.option("--key-file", metavar="PATH", help="File with the key of FILE.")
    env = click.option("--key-env", metavar="NAME", help="Environment variable with the key.")
    return env(file(command))


def new_key(command: Command) -> Command:
    """Options for how the output is protected."""
    for option in (
        click.option("--crc", is_flag=True, help="Give the output a CRC."),
        lazy("declspore.cli.registered:mode"),
        click.option("--new-key-file", metavar="PATH", help="Encrypt with the key of this file."),
        click.option(
            "--new-key-env", metavar="NAME", help="Encrypt with the key of this variable."
        ),
    ):
        command = option(command)
    return command


def sharding(command: Command) -> Command:
    """Options for how a set of files is read."""
    for option in (
        click.option(
            "--remove-redundancy/--with-redundancy",
            "remove_redundancy",
            default=None,
            help="Whether the set was saved without replicas (default: as its files say).",
        ),
        click.option(
            "--replicas",
            type=click.Choice(("equal", "first")),
            default="equal",
            help="Require equal replicas of an entry, or use the first rank's.",
        ),
        click.option(
            "--files", metavar="PATTERN", help="Names of the files to use in rank folders."
        ),
        strategy,
    ):
        command = option(command)
    return command


def set_output(command: Command) -> Command:
    """Options for a set of files to be written."""
    for option in (
        click.option(
            "--shard-bytes",
            type=click.IntRange(1),
            metavar="N",
            help="Most bytes of values in a shard (default: 5,000,000,000).",
        ),
        click.option(
            "--index",
            type=click.Choice(("huggingface", "unified")),
            help="Write OUTPUT as a folder of safetensors shards with this index.",
        ),
        click.option(
            "--new-remove-redundancy",
            is_flag=True,
            help="Write each piece for only one of the ranks that hold it.",
        ),
        click.option("--prefix", metavar="TEXT", help="How names of rank files begin."),
        click.option(
            "--format",
            "set_format",
            type=click.Choice(("ckpt", "safetensors")),
            help="Format of rank files (default: ckpt).",
        ),
        click.option(
            "--new-strategy",
            metavar="PATH",
            help="Write OUTPUT as a folder of ranks that this strategy file describes.",
        ),
    ):
        command = option(command)
    return command


strategy = click.option(
    "--strategy",
    metavar="PATH",
    help="Strategy file of a folder of ranks; a pattern for those of all pipeline stages.",
)
