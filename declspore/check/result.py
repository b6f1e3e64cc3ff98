"""What the checker hands on: a spec whose every word, type and shape is known to fit."""

from __future__ import annotations

from dataclasses import dataclass

from declspore.check.module import Module
from declspore.check.scope import Scope
from declspore.check.values import Amount, CheckpointRef, Pipeline
from declspore.diagnostic import Diagnostic
from declspore.ir.network import Network
from declspore.ir.pattern import Pattern, Template
from declspore.ir.term import Term
from declspore.registry.data import Element
from declspore.registry.verb import VerbKind
from declspore.source import Span
from declspore.syntax import ast


@dataclass(frozen=True)
class Dataset:
    """A pipeline and the type of what comes out of it."""

    pipeline: Pipeline
    element: Element
    span: Span


@dataclass(frozen=True)
class Load:
    """A checkpoint to be bound to a network, and the exceptions that are stated.

    ``resume`` binds the optimizer's state too. Entries under ``ignore`` may stay unused;
    parameters under ``fresh`` keep their initial value.
    """

    checkpoint: CheckpointRef
    resume: bool
    ignore: tuple[Pattern, ...]
    fresh: tuple[Pattern, ...]
    span: Span


@dataclass(frozen=True)
class Condition:
    """An ``ensure``: evaluated once the names it uses have values."""

    expression: ast.Expression
    scope: Scope
    span: Span


@dataclass(frozen=True)
class SaveRule:
    """Save to ``path`` every so many epochs or steps, keeping the newest ``keep`` files."""

    path: str
    every: Amount
    keep: int | None
    span: Span


@dataclass(frozen=True)
class TrainTask:
    name: str
    network: Network
    dataset: Dataset
    loss: Term
    optimizer: Term
    length: Amount
    seed: int
    load: Load | None
    saves: tuple[SaveRule, ...]
    span: Span


@dataclass(frozen=True)
class EvalTask:
    name: str
    network: Network
    dataset: Dataset
    loss: Term | None
    metrics: tuple[Term, ...]
    seed: int
    load: Load | None
    conditions: tuple[Condition, ...]
    span: Span


@dataclass(frozen=True)
class Selector:
    """Entries of one input (of all, where ``source`` is None) that a pattern matches."""

    source: str | None
    pattern: Pattern
    span: Span


@dataclass(frozen=True)
class Rule:
    """A verb with its operands. ``count`` is how many entries it must match: a number, any
    (``optional``: None with ``optional`` true), or at least one."""

    verb: VerbKind
    selectors: tuple[Selector, ...]
    excepted: tuple[Selector, ...]
    target: Template | None
    value: Term | None
    count: int | None
    optional: bool
    span: Span


@dataclass(frozen=True)
class EditTask:
    """``policy`` is what happens to entries that no rule names: keep, delete or error."""

    name: str
    inputs: tuple[tuple[str, CheckpointRef], ...]
    output: str
    file: Term
    rules: tuple[Rule, ...]
    policy: str
    conditions: tuple[Condition, ...]
    span: Span

    @property
    def path(self) -> str:
        return str(self.file.arguments.path)


Task = TrainTask | EvalTask | EditTask


@dataclass(frozen=True)
class CheckedSpec:
    """A whole spec. ``networks`` holds those that need no arguments, elaborated."""

    module: Module
    networks: dict[str, Network]
    datasets: dict[str, Dataset]
    tasks: dict[str, Task]
    warnings: tuple[Diagnostic, ...] = ()
