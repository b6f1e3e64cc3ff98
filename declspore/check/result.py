"""What the checker hands on: a spec whose every word, type and shape is known to fit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from declspore.check.module import Module
from declspore.check.scope import Scope
from declspore.check.values import Amount, CheckpointRef, Pipeline
from declspore.diagnostic import Diagnostic
from declspore.ir.network import Network
from declspore.ir.pattern import Pattern, Template
from declspore.ir.term import Term
from declspore.registry.data import Element
from declspore.registry.feeding import Fed
from declspore.registry.verb import VerbKind
from declspore.source import Source, Span
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
    parameters under ``fresh`` keep their initial value. ``spans`` are where these attributes stand.
    """

    checkpoint: CheckpointRef
    resume: bool
    ignore: tuple[Pattern, ...]
    fresh: tuple[Pattern, ...]
    spans: Mapping[str, Span]

    @property
    def attribute(self) -> str:
        return "resume" if self.resume else "load"


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
    losses: tuple[Fed, ...]
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
    losses: tuple[Fed, ...]
    metrics: tuple[Fed, ...]
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
class Expression:
    """An expression of an edit, evaluated for every entry a rule is about."""

    node: ast.Expression
    scope: Scope

    @property
    def span(self) -> Span:
        return self.node.span


@dataclass(frozen=True)
class Target:
    """A new name, in the (first) output or in the one it names."""

    output: str
    name: Template
    span: Span


@dataclass(frozen=True)
class Rule:
    """A verb with its operands. ``count`` is how many entries it must match: a number, any
    (``optional``: None with ``optional`` true), or at least one."""

    verb: VerbKind
    selectors: tuple[Selector, ...]
    excepted: tuple[Selector, ...]
    condition: Expression | None
    targets: tuple[Target, ...]
    value: Expression | None
    network: Network | None
    count: int | None
    optional: bool
    span: Span


@dataclass(frozen=True)
class When:
    """Rules that are in force where a condition on headers holds, and those where it does not."""

    condition: Expression
    then: tuple[EditRule, ...]
    otherwise: tuple[EditRule, ...]


EditRule = Rule | When


@dataclass(frozen=True)
class Input:
    """A file an edit reads, or several of one kind (``many``). The entries of one that is
    ``used`` are there for expressions only."""

    name: str
    refs: tuple[CheckpointRef, ...]
    many: bool
    used: bool
    span: Span


@dataclass(frozen=True)
class Output:
    """A file an edit writes, or several (``many``) with the same names, a shard of a value each."""

    name: str
    files: tuple[Term, ...]
    many: bool
    span: Span

    @property
    def paths(self) -> tuple[str, ...]:
        return tuple(str(file.arguments.path) for file in self.files)

    def item(self, index: int) -> str:
        """The name of one of its files: `dst`, or `dst[0]` where there are several."""
        return f"{self.name}[{index}]" if self.many else self.name


@dataclass(frozen=True)
class EditTask:
    """``policy`` is what happens to entries that no rule names: keep, delete or error."""

    name: str
    inputs: tuple[Input, ...]
    outputs: tuple[Output, ...]
    rules: tuple[EditRule, ...]
    policy: str
    conditions: tuple[Condition, ...]
    span: Span

    @property
    def files(self) -> tuple[Term, ...]:
        """Every file it writes."""
        return tuple(file for output in self.outputs for file in output.files)

    @property
    def paths(self) -> tuple[str, ...]:
        return tuple(path for output in self.outputs for path in output.paths)


Task = TrainTask | EvalTask | EditTask


@dataclass(frozen=True)
class CheckedSpec:
    """A whole spec. ``networks`` holds those that need no arguments, elaborated; ``sources`` the
    spec's own text and those of its imports."""

    module: Module
    networks: dict[str, Network]
    datasets: dict[str, Dataset]
    tasks: dict[str, Task]
    sources: tuple[Source, ...]
    warnings: tuple[Diagnostic, ...] = ()
