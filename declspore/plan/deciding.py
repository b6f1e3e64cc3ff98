"""What decides the numbers of a task, by its parts: an interrupted one is continued only where none
of it changed."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Iterator, Mapping

from declspore.diagnostic import Diagnostic, FilePlace, Label
from declspore.ir.network import Network, ValueRef
from declspore.ir.term import Arguments, Term, show
from declspore.source import Span
from declspore.spelling import listing

Recipe = Mapping[str, str]
"""What decides the numbers, by its part of the task."""


def changed(before: object, recipe: Recipe) -> list[str]:
    """The parts that are not what a state says that they were. Raises ValueError where it does not
    say so."""
    if not isinstance(before, Mapping):
        raise ValueError("it does not say what it was made with")
    found = [name for name in recipe if before.get(name) != recipe[name]]
    return found + [name for name in before if name not in recipe]


def since_then(names: Iterable[str]) -> str:
    """The reason not to continue that these parts changed."""
    return f"{listing(names)} changed since then"


def not_continued(what: str, span: Span, path: str, reasons: Iterable[str]) -> Diagnostic:
    """E566: why ``what`` cannot be continued from its state at ``path``."""
    return Diagnostic(
        "E566",
        f"the interrupted {what} cannot be continued: {'; '.join(reasons)}",
        (Label(span), Label(FilePlace(path), "its state")),
        helps=("`--fresh` starts over; with what was before, the same command continues",),
    )


def file_facts(path: str) -> str:
    """A file's size and time, by which a change is noticed; of one that another task is still to
    write, nothing."""
    try:
        found = os.stat(path)
    except FileNotFoundError:
        return ""
    return f"{found.st_size} {found.st_mtime_ns}"


def network_lines(network: Network) -> Iterator[str]:
    """All of a network that its outputs depend on."""
    for parameter in network.parameters:
        yield f"{parameter.name} {parameter.shape} {parameter.dtype} {parameter.init}"
    for entry in network.inputs:
        yield f"{entry.name} {entry.type}"
    for node in network.nodes:
        places = [ref.index for ref in (*node.inputs, *node.outputs)]
        given = f"{_shown(node.arguments)} {_shown(node.options)}"
        yield f"{node.family} {node.word} {node.path} {places} {node.named} {given}"
    yield str([ref.index for ref in network.outputs])


def _shown(arguments: Arguments) -> str:
    def leaf(value: object) -> object:
        return value.index if isinstance(value, ValueRef) else value

    shown = arguments.map(leaf)
    return ", ".join(
        f"{name} = {value if isinstance(value, Term) else show(value)}"
        for name, value in shown.items()
    )


def digest_lines(lines: Iterable[str]) -> str:
    """One text for many."""
    whole = hashlib.sha256()
    for line in lines:
        whole.update(line.encode(errors="surrogateescape"))
        whole.update(b"\n")
    return whole.hexdigest()
