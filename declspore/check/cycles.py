"""Cells that are made of themselves, also those no network reaches and conditions would end.

Assumes a module whose declarations are bound; looks at the text alone. A cycle that evaluation
has come upon already is not told again.
"""

from __future__ import annotations

from collections.abc import Iterator

from declspore.check import errors
from declspore.check.module import Module
from declspore.report import Sink
from declspore.source import Span
from declspore.syntax import ast
from declspore.syntax.walk import descendants

Calls = list[tuple[str, Span]]


def check_cycles(module: Module, sink: Sink) -> None:
    """Report the cycles among the cells of one file: each once, at a call that closes it."""
    cells = {
        node.name.text: node
        for node in module.spec.declarations
        if isinstance(node, ast.CellDeclaration)
    }
    told = [
        place
        for found in sink.errors
        if found.code == "E204"
        for place in (label.place for label in found.labels)
        if isinstance(place, Span) and place.source is module.spec.span.source
    ]
    for path, span in _cycles({name: _calls(node, cells) for name, node in cells.items()}):
        bodies = [cells[name].span for name in path]
        if not any(body.start <= place.start < body.end for body in bodies for place in told):
            sink.report(errors.cycle(span, path[0]))


def _calls(node: ast.CellDeclaration, cells: dict[str, ast.CellDeclaration]) -> Calls:
    """The cells of the file that a cell makes: what its own names hide is another thing."""
    parts = [node.body.value] if isinstance(node.body, ast.Preset) else list(node.body.fields)
    own = {formal.name.text for formal in node.formals}
    if not isinstance(node.body, ast.Preset):
        own |= {field.name.text for field in node.body.fields}
    return [
        (call.function.name, call.span)
        for part in parts
        for call in descendants(part)
        if isinstance(call, ast.Call)
        and isinstance(call.function, ast.Name)
        and call.function.name in cells.keys() - own
    ]


def _cycles(calls: dict[str, Calls]) -> Iterator[tuple[list[str], Span]]:
    """Each path that leads back to its first name, with the call that does."""
    done = set[str]()
    for root, first in calls.items():
        path, waiting = [root], [iter(first)]
        while path and root not in done:
            step = next(waiting[-1], None)
            if step is None:
                done.add(path.pop())
                waiting.pop()
            elif step[0] in path:
                yield path[path.index(step[0]) :], step[1]
            elif step[0] not in done:
                path.append(step[0])
                waiting.append(iter(calls[step[0]]))
