"""Task kinds: what a task is made of, how it is checked, and where it is planned and carried out.

A kind is a folder of ``declspore/tasks``, called by its word, with a module ``kind`` that holds
``KIND``. Every stage asks the kind, so that a new one needs no change anywhere else.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import cache

from declspore.check.datasets import Dataset, Labels
from declspore.dataclass import dataclass
from declspore.language.domain import Evaluation
from declspore.language.scope import Scope
from declspore.language.values import CheckpointRef
from declspore.source import Span
from declspore.syntax import ast


@dataclass(frozen=True)
class TaskAttribute:
    """``name = value`` of a task; ``help`` is a phrase for the reference."""

    name: str
    help: str
    required: bool = False


@dataclass(frozen=True)
class TaskStatement:
    """A statement of a task, by the word that opens it (``save``, ``ensure``, ``in``, ``rule``)."""

    word: str
    help: str
    required: bool = False


@dataclass(frozen=True)
class Task:
    """A checked task: what every kind of them has."""

    kind: TaskKind
    name: str
    span: Span

    def references(self) -> Iterable[CheckpointRef]:
        """The checkpoints it reads, so that tasks that write them come first."""
        return ()

    def labels(self) -> Iterable[Labels]:
        """The datasets whose labels are class numbers."""
        return ()


def labels_of(task: Task, dataset: Dataset) -> Labels | None:
    """What labels of a dataset may be for a task, where they are class numbers."""
    return next((each for each in task.labels() if each.dataset is dataset), None)


Check = Callable[["TaskKind", ast.Task, Evaluation, Scope], Task | None]


@dataclass(frozen=True, eq=False)
class TaskKind:
    """A kind of task.

    ``name`` is the word that declares it. ``check`` gives the checked task, or None with every
    problem reported. ``outputs`` are the names by which other tasks refer to what it writes.
    ``names`` are those that its statements may use next to the names of the file; None where they
    are known only once its attributes are. ``plan`` and ``run`` name functions as
    ``"package.module:function"`` (:class:`declspore.plan.task.PlanTask`,
    :class:`declspore.run.task.RunTask`), which are imported when they are needed. One that
    ``computes`` with networks needs Keras to run; one that several processes carry out together
    ``shares``. ``sweeps`` names a function, too, where a learning rate can be sought for a task
    (:class:`declspore.run.task.SweepTask`), ``output_files`` where other tasks may read what it
    writes (:class:`declspore.plan.task.OutputFiles`), and ``is_unfinished`` where an interrupted
    run leaves files that are not its result (:class:`declspore.plan.task.IsUnfinished`).
    """

    name: str
    summary: str
    example: str
    check: Check
    plan: str
    run: str
    attributes: tuple[TaskAttribute, ...] = ()
    statements: tuple[TaskStatement, ...] = ()
    outputs: Callable[[ast.Task], tuple[str, ...]] = lambda task: ()
    names: Callable[[ast.Task], frozenset[str] | None] = lambda task: frozenset()
    computes: bool = True
    shares: bool = False
    sweeps: str | None = None
    output_files: str | None = None
    is_unfinished: str | None = None

    def example_of(self, word: str) -> str:
        """The line of its example that gives an attribute, or is a statement."""
        lines = (" ".join(line.split()) for line in self.example.splitlines()[1:])
        return next((line for line in lines if line.split(" ")[0] == word), f"{word} ...")

    def __str__(self) -> str:
        return self.name


_MORE: dict[str, TaskKind] = {}
"""From outside this package."""


def task_kinds() -> dict[str, TaskKind]:
    """Every kind of task by its word."""
    return {word: _kind(word) for word in _own_words()} | _MORE


def task_kind(word: str) -> TaskKind | None:
    """The kind of task of a word; the others are not loaded for it."""
    return _kind(word) if word in _own_words() else _MORE.get(word)


@cache
def _own_words() -> tuple[str, ...]:
    """The words of this package's kinds, which name their folders."""
    package = importlib.import_module("declspore.tasks")
    return tuple(sorted(info.name for info in pkgutil.iter_modules(package.__path__)))


@cache
def _kind(word: str) -> TaskKind:
    kind: TaskKind = importlib.import_module(f"declspore.tasks.{word}.kind").KIND
    if kind.name != word:
        raise ValueError(f"the folder of the task kind {kind.name!r} is called {word!r}")
    return kind


@contextmanager
def registered(kind: TaskKind) -> Iterator[None]:
    """Know one more kind of task, from outside this package, within the block."""
    if kind.name in _own_words() or kind.name in _MORE:
        raise ValueError(f"a task kind {kind.name!r} already exists")
    _MORE[kind.name] = kind
    try:
        yield
    finally:
        del _MORE[kind.name]
