"""What a planned task can say of itself, whatever its kind."""

from __future__ import annotations

import importlib
from collections.abc import Iterable, Mapping
from typing import Protocol, cast

from declspore.check.task import Task
from declspore.dataclass import dataclass
from declspore.ir.header import Header
from declspore.ir.network import Network
from declspore.ir.term import Term
from declspore.plan.context import KnownFile, PlanContext
from declspore.source import Span
from declspore.spelling import Json


@dataclass(frozen=True)
class ReadFile:
    """A checkpoint that a task reads, under the task's name for it; ``known`` where it keeps what
    was planned with."""

    name: str
    file: Term
    known: KnownFile | None = None


@dataclass(frozen=True)
class DataFile:
    """Another file that a task reads: samples, numbers. ``span`` is where it is named."""

    name: str
    path: str
    span: Span


@dataclass(frozen=True)
class Output:
    """A checkpoint that a task writes, under the name other tasks know it by, with the header it
    will have."""

    name: str
    file: Term
    header: Header


class TaskPlan:
    """A planned task. What a kind has nothing to say of, it leaves as it is here."""

    task: Task

    @property
    def title(self) -> str:
        """One line that says what is about to happen."""
        raise NotImplementedError

    def lines(self) -> Iterable[str]:
        """What it would do, for people."""
        raise NotImplementedError

    def facts(self) -> dict[str, Json]:
        """What it would do, for programs; the kind and the name are included anyway."""
        raise NotImplementedError

    def reads(self) -> Iterable[ReadFile]:
        """The checkpoints it reads."""
        return ()

    def reads_data(self) -> Iterable[DataFile]:
        """What else it reads."""
        return ()

    def rehearsal(self) -> TaskPlan | None:
        """The same task in small, which writes nothing; None for tasks that do not have one."""
        return None

    def has_own_rate(self) -> str | None:
        """Why no learning rate is to be sought for it; None where one may be."""
        return None

    def writes(self) -> Iterable[str]:
        """Every path it writes to."""
        return ()

    def outputs(self) -> Iterable[Output]:
        """What it writes and other tasks may read, with the header it will have."""
        return ()

    def networks(self) -> Iterable[Network]:
        """The networks it computes with."""
        return ()

    @property
    def seed(self) -> int | None:
        """The seed its numbers depend on."""
        return None

    @property
    def dataset(self) -> Term | None:
        """The source of its samples."""
        return None


class PlanTask(Protocol):
    """The function that a kind names as its ``plan``: what a checked task would do, or None with
    every problem reported to the context's sink."""

    def __call__(self, task: Task, context: PlanContext) -> TaskPlan | None: ...


class OutputFiles(Protocol):
    """The function that a kind names as its ``output_files``: the files a checked task writes that
    other tasks may read, by the names they have there; without what cannot be known."""

    def __call__(self, task: Task, context: PlanContext) -> Mapping[str, tuple[Term, ...]]: ...


class IsUnfinished(Protocol):
    """The function that a kind names as its ``is_unfinished``: whether an earlier run was
    interrupted."""

    def __call__(self, task: Task) -> bool: ...


def plan_task(task: Task, context: PlanContext) -> TaskPlan | None:
    """What a task would do, or None with every problem reported. Raises DiagnosticError."""
    return cast(PlanTask, imported(task.kind.plan))(task, context)


def output_files(task: Task, context: PlanContext) -> Mapping[str, tuple[Term, ...]]:
    """The files a task writes that others may read, by name; nothing where it writes none."""
    path = task.kind.output_files
    return {} if path is None else cast(OutputFiles, imported(path))(task, context)


def is_unfinished(task: Task) -> bool:
    """Whether an earlier run of a task was interrupted, so that what it wrote is not its result."""
    path = task.kind.is_unfinished
    return False if path is None else cast(IsUnfinished, imported(path))(task)


def imported(path: str) -> object:
    """The function that ``"package.module:function"`` names."""
    module, _, name = path.partition(":")
    return getattr(importlib.import_module(module), name)
