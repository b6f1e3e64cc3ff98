"""``declspore show``"""

from __future__ import annotations

import click

from declspore.check.check import check_file
from declspore.check.datasets import Dataset
from declspore.cli.output import echo, reporting
from declspore.cli.quiet import load_quietly
from declspore.cli.settings import parse_settings
from declspore.cli.write import check_writable, write_bytes
from declspore.plan.errors import unavailable
from declspore.registry.data import Unavailable
from declspore.report import DiagnosticError
from declspore.spelling import listing


def one_dataset(named: str, settings: tuple[str, ...]) -> Dataset:
    """The dataset that FILE.spec:DATASET names."""
    file, colon, name = named.partition(".spec:")
    if not colon:
        raise click.BadParameter(f"write FILE.spec:DATASET, not {named!r}", param_hint="DATASET")
    checked = check_file(f"{file}.spec", parse_settings(settings))
    if name not in checked.datasets:
        known = listing(list(checked.datasets)) if checked.datasets else "none"
        raise click.UsageError(f"{file}.spec does not have the dataset {name}; it has {known}")
    return checked.datasets[name]


@reporting
def show_command(
    dataset: str, output: str, items: int, epoch: int, seed: int, settings: tuple[str, ...]
) -> None:
    if not output.endswith(".png"):
        raise click.BadParameter("the name ends in .png", param_hint="--output")
    check_writable(output)
    found = one_dataset(dataset, settings)
    load_quietly("declspore.data.stream")
    from declspore.data.stream import Batches

    try:
        picture = Batches(dataset, found, seed).show(items, epoch)
    except Unavailable as error:
        raise DiagnosticError([unavailable(found.span, str(error), error.helps)]) from None
    write_bytes(output, picture.png)
    echo(f"wrote {output}")
