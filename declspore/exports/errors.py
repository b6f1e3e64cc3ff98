"""Diagnostics of exports: codes E71x."""

from __future__ import annotations

from declspore.diagnostic import Diagnostic, FilePlace, Label
from declspore.ir.network import Network, Node
from declspore.report import DiagnosticError
from declspore.source import Span
from declspore.spelling import count, listing


def refused(
    network: Network, title: str, span: Span | None, nodes: list[tuple[Node | None, str]]
) -> Diagnostic:
    """E711: a format does not have what a network needs; one diagnostic for all of it."""
    labels = [Label(span)] if span else []
    seen: set[tuple[int, int]] = set()
    for node, reason in nodes:
        place = None if node is None else node.span
        if place is not None and (place.start, place.end) not in seen and len(labels) < 8:
            seen.add((place.start, place.end))
            labels.append(Label(place, reason))
    reasons = list(dict.fromkeys(reason for _, reason in nodes))
    words = list(dict.fromkeys(node.word for node, _ in nodes if node is not None))
    what = listing(words) if words else reasons[0]
    text = f"{network.name} cannot be written as {title}: {what}"
    notes = tuple(reasons[:6]) if words else ()
    if len(reasons) > 6:
        notes = (*notes, f"and {count(len(reasons) - 6, 'more reason')}")
    return Diagnostic("E711", text, tuple(labels), notes)


def unproved(
    title: str, path: str, span: Span | None, reason: str, node: Node | None
) -> DiagnosticError:
    """E712: a file was written that does not answer as the network does."""
    labels = [Label(span) if span else Label(FilePlace(path))]
    notes = ["the file was not put in place"]
    if node is not None:
        if node.span is not None:
            labels.append(Label(node.span, "its result differs"))
        where = f" ({node.path})" if node.path else ""
        notes.insert(0, f"the first value that differs is that of `{node.word}`{where}")
    return DiagnosticError(
        [
            Diagnostic(
                "E712",
                f"{title} does not answer as the network: {reason}",
                tuple(labels),
                notes=tuple(notes),
            )
        ]
    )
