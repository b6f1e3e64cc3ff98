"""What a plan reads and writes, and how a lock names the places."""

from __future__ import annotations

import os
from collections.abc import Iterator

from declspore.ir.formula import Applied, words
from declspore.ir.term import Term
from declspore.plan.plan import PlannedEdit, TaskPlan, TrainPlan
from declspore.registry.data import SourceKind
from declspore.registry.table import vocabulary
from declspore.registry.tensor import TensorKind
from declspore.source import Span


def read_files(plan: TaskPlan) -> Iterator[tuple[str, Term]]:
    """The checkpoints a task reads, under its names for them."""
    if isinstance(plan, PlannedEdit):
        many = {each.name for each in plan.task.inputs if each.many}
        for name, files in plan.files.items():
            for index, file in enumerate(files):
                yield (f"{name}[{index}]" if name in many else name), file
    elif plan.load is not None:
        yield "resume" if plan.load.resume else "load", plan.load.file


def written_paths(plan: TaskPlan) -> Iterator[str]:
    """Every path a task writes to."""
    if isinstance(plan, PlannedEdit):
        yield from plan.task.paths
    elif isinstance(plan, TrainPlan):
        for rule in plan.task.saves:
            yield from plan.schedule.files(rule)


def source_of(plan: TaskPlan) -> Term | None:
    """The source of the samples a task reads."""
    return None if isinstance(plan, PlannedEdit) else plan.task.dataset.pipeline.source


def other_files(plan: TaskPlan) -> Iterator[tuple[str, str, Span]]:
    """What else a task reads: files of numbers (`npy`), files of samples (`dataset`)."""
    if isinstance(plan, PlannedEdit):
        read = [word for formula in plan.edit.formulas for word in words(formula) if _reads(word)]
        places = {str(word.arguments.path): word.span for word in read}
        for index, (path, span) in enumerate(places.items()):
            yield f"npy[{index}]", path, span
        return
    source = plan.task.dataset.pipeline.source
    files = vocabulary().of(SourceKind, source.word).files(source.arguments)
    for index, path in enumerate(files):
        yield f"dataset[{index}]", path, source.span or plan.task.span


def _reads(word: Applied) -> bool:
    kind = vocabulary().get(word.word)
    return isinstance(kind, TensorKind) and kind.reads_file


def stated_digest(term: Term) -> str | None:
    """The digest the spec states for a file."""
    return term.arguments.get("sha256")


def recorded_path(path: str, folder: str) -> str:
    """A path as a lock in ``folder`` records it: seen from there, unless it was named absolutely
    and leads elsewhere."""
    relative = os.path.relpath(path, folder or ".")
    if os.path.isabs(path) and relative.split(os.sep)[0] == os.pardir:
        return path
    return relative.replace(os.sep, "/")


def resolved_path(recorded: str, folder: str) -> str:
    """The path a lock's record leads to, as seen from the working folder."""
    return os.path.normpath(os.path.join(folder, recorded))


def same_place(one: str, other: str) -> bool:
    return os.path.realpath(one) == os.path.realpath(other)
