"""``declspore export``"""

from __future__ import annotations

from dataclasses import asdict, dataclass

import click

from declspore.cli.keys import reading
from declspore.cli.networks import one_network
from declspore.cli.output import echo, print_json, reporting, told_unused
from declspore.cli.quiet import load_quietly
from declspore.cli.settings import parse_settings
from declspore.plan.files import open_any
from declspore.spelling import count
from declspore.text import size

_SUFFIX = ".keras"


@dataclass(frozen=True)
class Exported:
    """What was written; ``unused`` are entries of an optimizer that a model has no place for."""

    input: str
    output: str
    parameters: int
    bytes: int
    unused: tuple[str, ...]


@reporting
def export_command(
    network: str,
    checkpoint: str,
    output: str,
    data_format: str,
    settings: tuple[str, ...],
    key_env: str | None,
    key_file: str | None,
    as_json: bool,
) -> None:
    if not output.endswith(_SUFFIX):
        raise click.BadParameter(f"Keras wants a name that ends in {_SUFFIX}", param_hint="OUTPUT")
    access = reading(key_env, key_file)
    checked = one_network(network, "FILE:NAME", parse_settings(settings))
    load_quietly("declspore.run.weights")
    from declspore.run.weights import write_model

    with open_any(checkpoint, access) as opened:
        nbytes, unused = write_model(output, opened, checked, data_format)
    done = Exported(checkpoint, output, len(checked.parameters), nbytes, tuple(unused))
    if as_json:
        print_json({"ok": True, **asdict(done)})
        return
    told_unused("a model for inference has", done.unused)
    parameters = count(done.parameters, "parameter")
    echo(f"wrote {done.output}: {parameters}, {size(done.bytes)}, Keras's own layers alone")
