"""Options that name a key."""

from __future__ import annotations

import click

from declspore.checkpoint.keys import read_key
from declspore.checkpoint.reader import Access
from declspore.checkpoint.sharding.sets import SetOptions


def reading(key_env: str | None, key_file: str | None) -> Access:
    """How to read a file that may be encrypted. Raises DiagnosticError, click.UsageError."""
    check_one("--key-env", key_env, "--key-file", key_file)
    return Access(read_key(key_env, key_file))


def set_options(
    strategy: str | None, files: str | None, replicas: str, remove_redundancy: bool | None
) -> SetOptions:
    """How to read a set of files, by the options of :func:`declspore.cli.options.sharding`."""
    return SetOptions(strategy, files, replicas == "first", remove_redundancy)


def check_one(first: str, one: str | None, second: str, other: str | None) -> None:
    if one is not None and other is not None:
        raise click.UsageError(f"a key comes from one place: give {first} or {second}")
