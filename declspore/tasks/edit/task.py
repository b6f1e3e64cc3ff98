"""A checked edit: files, rules and conditions, before any checkpoint is opened."""

from __future__ import annotations

from collections.abc import Iterable

from declspore.check.conditions import Condition
from declspore.check.task import Task
from declspore.dataclass import dataclass
from declspore.ir.network import Network
from declspore.ir.pattern import Pattern, Template
from declspore.ir.term import Term
from declspore.language.deferred import Deferred
from declspore.language.values import CheckpointRef, FileList
from declspore.registry.verb import VerbKind
from declspore.source import Span


@dataclass(frozen=True)
class Selector:
    """Entries of one input (of all, where ``source`` is None) that a pattern matches."""

    source: str | None
    pattern: Pattern
    span: Span


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
    condition: Deferred | None
    targets: tuple[Target, ...]
    value: Deferred | None
    network: Network | None
    count: int | None
    optional: bool
    span: Span


@dataclass(frozen=True)
class When:
    """Rules that are in force where a condition on headers holds, and those where it does not."""

    condition: Deferred
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
class EditTask(Task):
    """``policy`` is what happens to entries that no rule names: keep, delete or error."""

    inputs: tuple[Input, ...]
    outputs: tuple[Output, ...]
    rules: tuple[EditRule, ...]
    policy: str
    conditions: tuple[Condition, ...]

    def references(self) -> Iterable[CheckpointRef]:
        return (r for each in self.inputs for r in each.refs if not isinstance(r, FileList))

    @property
    def files(self) -> tuple[Term, ...]:
        """Every file it writes."""
        return tuple(file for output in self.outputs for file in output.files)

    @property
    def paths(self) -> tuple[str, ...]:
        return tuple(path for output in self.outputs for path in output.paths)
