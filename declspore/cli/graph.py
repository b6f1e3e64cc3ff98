"""``declspore graph``"""

from __future__ import annotations

import click

from declspore.cli.networks import networks_of
from declspore.cli.output import echo, echo_document, reporting
from declspore.cli.settings import parse_settings
from declspore.cli.write import write_text
from declspore.draw.dot import dot
from declspore.draw.graph import graph_of
from declspore.draw.svg import svg
from declspore.spelling import listing


@reporting
def graph_command(
    network: str, output: str | None, depth: int | None, settings: tuple[str, ...]
) -> None:
    if output is not None and not output.endswith((".svg", ".dot")):
        raise click.BadParameter("the name ends in .svg or .dot", param_hint="--output")
    found = networks_of(network, parse_settings(settings))
    if len(found) != 1:
        names = listing(found) if found else "none"
        raise click.UsageError(f"name one network, FILE.spec:NAME; the file has {names}")
    graph = graph_of(next(iter(found.values())), depth)
    text = svg(graph) if output is not None and output.endswith(".svg") else dot(graph)
    if output is None:
        echo_document(text)
        return
    write_text(output, text)
    echo(f"wrote {output}: {len(graph.boxes)} boxes, {len(graph.edges)} arrows")
