"""``declspore convert``"""

from __future__ import annotations

from dataclasses import asdict, fields
from typing import Any

import click

from declspore.checkpoint import errors
from declspore.checkpoint.format import Copied, Format
from declspore.checkpoint.keys import read_key
from declspore.checkpoint.reader import Access
from declspore.checkpoint.sharding.sets import SetOptions
from declspore.checkpoint.writer import write_checkpoint
from declspore.cli.keys import check_one, reading, set_options
from declspore.cli.networks import one_network
from declspore.cli.output import echo, print_json, reporting, told_unused
from declspore.cli.quiet import load_quietly
from declspore.cli.reshard import SetOutput, facts, lines, reshard
from declspore.cli.settings import parse_settings
from declspore.dataclass import dataclass
from declspore.ir.network import Network
from declspore.plan.files import format_of, formats, open_any
from declspore.run.h5 import OLDER_SUFFIX, SUFFIX
from declspore.same_file import same_path
from declspore.spelling import count
from declspore.text import size


@dataclass(frozen=True)
class Converted:
    """What was written; ``unused`` are entries of an optimizer that weights have no place for."""

    input: str
    output: str
    format: str
    entries: int
    bytes: int
    unused: tuple[str, ...] = ()


@reporting
def convert_command(
    input: str,
    output: str,
    network: str | None,
    settings: tuple[str, ...],
    key_env: str | None,
    key_file: str | None,
    new_key_env: str | None,
    new_key_file: str | None,
    mode: str | None,
    crc: bool,
    in_place: bool,
    as_json: bool,
    **sets: Any,
) -> None:
    own = {field.name: sets.pop(field.name) for field in fields(SetOutput)}
    options, new = set_options(**sets), SetOutput(**own)
    is_set = new.is_wanted
    check_one("--new-key-env", new_key_env, "--new-key-file", new_key_file)
    encrypts = new_key_env is not None or new_key_file is not None
    if mode is not None and not encrypts:
        raise click.UsageError("--mode says how to encrypt: give --new-key-env or --new-key-file")
    access = reading(key_env, key_file)
    writing = Access(read_key(new_key_env, new_key_file), mode, crc)
    if is_set:
        if in_place or network is not None or settings:
            raise click.UsageError("a set takes neither --in-place nor --network and --set")
        target = new.target(output)
        written = reshard(
            *(input, target, new, options, access, _protects(output, target.format, writing))
        )
        if as_json:
            print_json(facts(written))
        else:
            echo(*lines(written))
        return
    if same_path(input, output) and not in_place:
        raise errors.over_input(output)
    if input.endswith(OLDER_SUFFIX) or output.endswith(SUFFIX):
        done = _weights(input, output, _network(network, settings), access, writing, options)
    elif network is not None or settings:
        ends = f"{SUFFIX}, or in {OLDER_SUFFIX} as Keras 2 saved them"
        raise click.UsageError(f"--network and --set are for files that end in {ends}")
    else:
        done = _checkpoint(input, output, access, _protected(output, writing), options)
    if as_json:
        print_json({"ok": True, **asdict(done)})
        return
    told_unused("weights have", done.unused)
    entries = count(done.entries, "entry", "entries")
    echo(f"wrote {done.output}: {entries}, {size(done.bytes)} ({done.format})")


def _checkpoint(
    input: str, output: str, access: Access, writing: Access, options: SetOptions
) -> Converted:
    format = _format_of(output)
    with open_any(input, access, options=options) as opened:
        if opened.crc is not None:
            opened.check_crc()
        pieces = [Copied(opened, entry, entry.name) for entry in opened]
        nbytes = write_checkpoint(output, pieces, format=format, access=writing)
        return Converted(input, output, format.name, len(pieces), nbytes)


def _network(text: str | None, settings: tuple[str, ...]) -> Network:
    """The network of ``--network``. Raises DiagnosticError, UsageError."""
    if text is None:
        raise click.UsageError(
            f"{SUFFIX} holds the weights of a network: name it with --network FILE:NAME, "
            "such as --network specs/lenet.spec:LeNet5"
        )
    return one_network(text, "--network", parse_settings(settings))


def _weights(
    input: str,
    output: str,
    checked: Network,
    access: Access,
    writing: Access,
    options: SetOptions,
) -> Converted:
    """Keras weights into a checkpoint, or a checkpoint into Keras weights."""
    load_quietly("declspore.run.weights")
    from declspore.run.weights import read_weights, write_weights

    if not output.endswith(SUFFIX):
        format = _format_of(output)
        nbytes = read_weights(input, checked, output, format, _protected(output, writing))
        return Converted(input, output, format.name, len(checked.parameters), nbytes)
    if writing != Access():
        raise click.UsageError(f"{SUFFIX} has neither encryption nor a CRC")
    with open_any(input, access, options=options) as opened:
        nbytes, unused = write_weights(output, opened, checked)
    entries = len(checked.parameters)
    return Converted(input, output, SUFFIX[1:], entries, nbytes, tuple(unused))


def _format_of(path: str) -> Format:
    found = format_of(path)
    if found is None:
        raise errors.unknown_suffix(path, [*(format.suffix for format in formats()), SUFFIX])
    return found


def _protected(path: str, access: Access) -> Access:
    """``access``, if the format of a file to be written can do all of it."""
    return _protects(path, _format_of(path), access)


def _protects(path: str, format: Format, access: Access) -> Access:
    if access.key is not None and not format.protects:
        raise errors.not_protected(path, format.title, "encrypted")
    if access.crc and not format.sums:
        raise errors.not_protected(path, format.title, "given a CRC")
    return access
