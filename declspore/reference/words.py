"""Every word of the vocabulary as plain values, for pages and programs."""

from __future__ import annotations

from collections.abc import Iterator

from declspore.check.check import check
from declspore.dataclass import dataclass
from declspore.ir.term import Term, show
from declspore.language.cells import Leaf
from declspore.registry.kind import Kind
from declspore.registry.signature import Argument
from declspore.registry.table import families, namespaces, words_in
from declspore.source import Source

TITLES = {contract.family: contract.title for contract in families()} | {
    "task": "Kinds of tasks, their attributes and clauses",
    "statement": "Words of the grammar",
}
"""Headings of the families, those of the vocabulary first."""


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter a cell has with the arguments of its example, or an entry of an optimizer."""

    name: str
    type: str


@dataclass(frozen=True, slots=True)
class Word:
    """One entry of the reference."""

    family: str
    name: str
    usage: str
    summary: str
    example: str
    arguments: tuple[tuple[str, str, str, str], ...]
    parameters: tuple[Parameter, ...] = ()
    notes: tuple[str, ...] = ()


def words() -> Iterator[Word]:
    """Every word, by family, then by name."""
    kinds = [kind for namespace in namespaces() for kind in words_in(namespace)]
    for kind in sorted(kinds, key=lambda kind: (kind.rank, kind.name.lower())):
        yield word(kind)


def words_named(name: str) -> Iterator[Word]:
    """The words of that name, one a namespace at most."""
    found = (words_in(namespace).get(name) for namespace in namespaces())
    return (word(kind) for kind in found if kind is not None)


def word(kind: Kind) -> Word:
    """The entry of one word."""
    return Word(
        kind.family,
        kind.name,
        kind.usage,
        kind.summary,
        kind.example,
        tuple(map(_argument, kind.signature.arguments)),
        tuple(_parameters(kind)),
        tuple(kind.notes()),
    )


def _argument(argument: Argument) -> tuple[str, str, str, str]:
    """Name, type, default and what it is."""
    default = "" if argument.required or argument.repeats else show(argument.default)
    name = f"*{argument.name}" if argument.repeats else argument.name
    return name, argument.type.name, default, argument.help


def _parameters(kind: Kind) -> Iterator[Parameter]:
    """What a word keeps with the arguments of its example."""
    if type(kind).entries is Kind.entries or not kind.example.startswith(kind.name):
        return
    made = check(Source(kind.name, f"spec 1\nlet it = {kind.example}")).values["it"]
    assert isinstance(made, Leaf | Term)
    for name, type_ in kind.entries(made.arguments):
        yield Parameter(name, type_)
