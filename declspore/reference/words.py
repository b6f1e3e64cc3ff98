"""Every word of the vocabulary as plain values, for pages and programs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from declspore.check.check import check
from declspore.ir.term import Term, show
from declspore.language.cells import Leaf
from declspore.language.values import Value
from declspore.registry.cell import CellKind
from declspore.registry.feeding import TakingKind
from declspore.registry.kind import Kind
from declspore.registry.op import OpKind
from declspore.registry.optimizer import OptimizerKind
from declspore.registry.signature import Argument
from declspore.registry.table import verbs, vocabulary
from declspore.registry.verb import VerbKind
from declspore.source import Source

FAMILIES = {
    "cell": "Cells",
    "container": "Containers",
    "op": "Ops",
    "loss": "Losses",
    "optimizer": "Optimizers",
    "group": "Groups of parameters",
    "schedule": "Schedules",
    "rates": "Lists of learning rates",
    "metric": "Metrics",
    "feeding": "What enters losses and metrics",
    "initializer": "Initializers",
    "source": "Dataset sources",
    "column": "Columns of datasets",
    "transform": "Dataset transforms",
    "file": "Files",
    "tensor": "Tensors",
    "query": "Questions of `ensure`",
    "verb": "Edit verbs",
    "task": "Kinds of tasks, their attributes and clauses",
    "statement": "Words of the grammar",
}


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
    kinds = [*vocabulary(), *verbs()]
    order = list(FAMILIES)
    for kind in sorted(kinds, key=lambda kind: (order.index(kind.family), kind.name.lower())):
        yield word(kind)


def word(kind: Kind) -> Word:
    """The entry of one word."""
    return Word(
        kind.family,
        kind.name,
        f"{kind.name}{kind.signature}" if kind.family != "verb" else kind.example,
        kind.summary,
        kind.example,
        tuple(map(_argument, kind.signature.arguments)),
        tuple(_parameters(kind)),
        tuple(_notes(kind)),
    )


def _argument(argument: Argument) -> tuple[str, str, str, str]:
    """Name, type, default and what it is."""
    default = "" if argument.required or argument.repeats else show(argument.default)
    name = f"*{argument.name}" if argument.repeats else argument.name
    return name, argument.type.name, default, argument.help


def _parameters(kind: Kind) -> Iterator[Parameter]:
    if isinstance(kind, CellKind) and kind.example.startswith(kind.name):
        cell = _made(kind)
        assert isinstance(cell, Leaf)
        for own in kind.parameters(cell.arguments):
            sizes = ", ".join(map(str, own.shape))
            yield Parameter(own.name, f"{own.dtype.short}[{sizes}]")
    if isinstance(kind, OptimizerKind) and kind.example.startswith(kind.name):
        optimizer = _made(kind)
        assert isinstance(optimizer, Term)
        arguments = optimizer.arguments
        for scalar in kind.scalars(arguments):
            yield Parameter(scalar.name, f"f32{list(scalar.shape) or ''}")
        for slot in kind.slots(arguments):
            yield Parameter(f"{slot.beginning}<parameter>", slot.shown)


def _made(kind: Kind) -> Value:
    """What the example of a word makes."""
    return check(Source(kind.name, f"spec 1\nlet it = {kind.example}")).values["it"]


def _notes(kind: Kind) -> Iterator[str]:
    if isinstance(kind, CellKind) and kind.inputs != ("x",) and kind.inputs:
        yield f"Called with {', '.join(kind.inputs)}."
    if isinstance(kind, TakingKind) and not getattr(kind, "of_loss", False):
        parts = [f"{', '.join(kind.outputs)} of the network"] if kind.outputs else []
        parts += [f"{', '.join(kind.labels)} of the dataset"] if kind.labels else []
        yield f"Takes {' and '.join(parts)}."
    if isinstance(kind, CellKind) and kind.optional:
        shown_options = (item if isinstance(item, str) else str(item) for item in kind.optional)
        yield f"May be called with {', '.join(shown_options)}, too."
        for option in kind.options:
            yield f"{option.name}: {option.help}."
    if isinstance(kind, OpKind) and kind.operator:
        yield f"Between tensors written as `{kind.operator}`."
    if isinstance(kind, OptimizerKind) and not kind.decays and kind.undecayed:
        undecayed = " or ".join(f"`{part}`" for part in kind.undecayed)
        yield f"Parameters with {undecayed} in their name have no weight decay."
    if isinstance(kind, VerbKind):
        clauses = [c for c in ("except", "target", "value", "count") if c in kind.clauses]
        shown = {"target": "-> `path`", "value": "= ...", "count": "exactly n, or optional"}
        if clauses:
            yield "Clauses, in this order: " + ", ".join(shown.get(c, c) for c in clauses)
