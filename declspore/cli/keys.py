"""Options that name a key."""

from __future__ import annotations

from typing import TypedDict, Unpack

import click

from declspore.checkpoint.keys import read_key
from declspore.checkpoint.reader import Access
from declspore.checkpoint.sharding.sets import SetOptions


def reading(key_env: str | None, key_file: str | None) -> Access:
    """How to read a file that may be encrypted. Raises DiagnosticError, click.UsageError."""
    check_one("--key-env", key_env, "--key-file", key_file)
    return Access(read_key(key_env, key_file))


class Sharding(TypedDict):
    """The options of :func:`declspore.cli.options.sharding`."""

    strategy: str | None
    files: str | None
    replicas: str
    remove_redundancy: bool | None


def set_options(**given: Unpack[Sharding]) -> SetOptions:
    """How to read a set of files, by the options of a command."""
    is_first = given["replicas"] == "first"
    return SetOptions(given["strategy"], given["files"], is_first, given["remove_redundancy"])


def check_one(first: str, one: str | None, second: str, other: str | None) -> None:
    if one is not None and other is not None:
        raise click.UsageError(f"a key comes from one place: give {first} or {second}")
