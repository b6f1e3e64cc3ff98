"""Checkpoints that tasks load into networks: bound exactly, from their headers."""

from __future__ import annotations

from collections.abc import Sequence

from declspore.check.loading import Load
from declspore.dataclass import dataclass
from declspore.ir.header import HeaderEntry
from declspore.ir.term import Term
from declspore.plan.bind import bind_load
from declspore.plan.context import KnownFile, PlanContext
from declspore.plan.files import open_term, path_of
from declspore.plan.fitting import BindPlan
from declspore.plan.task import ReadFile
from declspore.spelling import Json, count


@dataclass(frozen=True)
class PlannedLoad:
    """A checkpoint to be read from ``known``, and how it binds."""

    known: KnownFile
    bind: BindPlan
    resume: bool

    @property
    def file(self) -> Term:
        return self.known.file

    @property
    def path(self) -> str:
        return path_of(self.file)

    @property
    def word(self) -> str:
        return "resume" if self.resume else "load"

    def read(self) -> ReadFile:
        """The checkpoint under the task's name for it."""
        return ReadFile(self.word, self.file)

    def permissions(self) -> int:
        """Those of the file. Raises DiagnosticError where it cannot be opened."""
        with open_term(self.file) as opened:
            return opened.storage.permissions

    def line(self) -> str:
        """What is loaded, for people."""
        bind = self.bind
        total = len(bind.matched) + len(bind.fresh)
        text = f"  {self.word.ljust(9)}  {self.path}: {len(bind.matched)} of {total} from the file"
        if bind.ignored:
            text += f", {count(len(bind.ignored), 'entry', 'entries')} ignored"
        return text

    def facts(self) -> dict[str, Json]:
        """What is loaded, for programs."""
        return {
            "path": self.path,
            "resume": self.resume,
            "matched": list(self.bind.matched),
            "fresh": list(self.bind.fresh),
            "ignored": list(self.bind.ignored),
        }


def plan_load(
    load: Load | None,
    entries: Sequence[HeaderEntry],
    asking: str,
    context: PlanContext,
    *,
    trains: bool = False,
) -> PlannedLoad | None:
    """How what a task loads binds to ``entries``, or None where it loads nothing or with the
    problem reported."""
    known = None if load is None else context.find(load.checkpoint, asking)
    if load is None or known is None:
        return None
    bound = bind_load(entries, known.header, context.sink, load, trains=trains)
    return None if bound is None else PlannedLoad(known, bound, load.resume)
