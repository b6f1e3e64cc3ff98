"""``declspore inspect``"""

from __future__ import annotations

import click

from declspore.checkpoint.reader import Checkpoint
from declspore.cli.output import print_json, reporting, size, table
from declspore.spelling import count


@reporting
def inspect_command(checkpoint: str, as_json: bool) -> None:
    opened = Checkpoint(checkpoint)
    if as_json:
        entries = [
            {
                "name": entry.name,
                "dtype": entry.header.dtype.name,
                "shape": list(entry.header.shape),
                "bytes": entry.header.nbytes,
            }
            for entry in opened
        ]
        print_json({"ok": True, "file": checkpoint, "bytes": opened.size, "entries": entries})
        return
    rows = [(e.name, e.header.type, f"{e.header.nbytes:,}") for e in opened]
    if rows:
        click.echo("\n".join(table([("entry", "type", "bytes"), *rows], right=(2,))))
    entries_text = count(len(opened), "entry", "entries")
    click.echo(f"{entries_text}, {size(opened.header.nbytes)} of values, {size(opened.size)} file")
