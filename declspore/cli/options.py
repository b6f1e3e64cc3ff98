"""Arguments and options that commands share."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import click

Command = TypeVar("Command", bound=Callable[..., object])

spec = click.argument("spec", metavar="FILE")
tasks = click.argument("tasks", nargs=-1, metavar="[TASK]...")
as_json = click.option("--json", "as_json", is_flag=True, help="Print JSON for programs.")
settings = click.option(
    "--set",
    "settings",
    multiple=True,
    metavar="NAME=VALUE",
    help="Give a param of the spec its value; may be repeated.",
)
in_place = click.option(
    "--in-place", is_flag=True, help="Let the output replace its own input, all at once."
)
allow_python = click.option(
    "--allow-python", is_flag=True, help="Let `apply` of an edit call functions of Python."
)
quiet = click.option("--quiet", "-q", is_flag=True, help="Print results only, no progress.")
jobs = click.option(
    "--jobs",
    "-j",
    type=click.IntRange(1),
    default=1,
    metavar="N",
    help="Run so many edits at once that do not wait for each other.",
)


def key(command: Command) -> Command:
    """Options for the key of a file to read."""
    file = click.option("--key-file", metavar="PATH", help="File with the key of FILE.")
    env = click.option("--key-env", metavar="NAME", help="Environment variable with the key.")
    return env(file(command))


def rules(command: Command) -> Command:
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


def new_key(command: Command) -> Command:
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
