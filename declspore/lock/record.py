"""The eye on a run: digests of what tasks read and write, held to what the spec and its lock say.

A digest that a spec states is always held to. With ``held``, so is a lock; with ``records``, all
digests are taken, so that a lock can be written. Digests are taken in the background, and waited
for only where something is held to them.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import field

from blake3 import blake3

from declspore.checkpoint.reader import Checkpoint, Hash
from declspore.dataclass import dataclass
from declspore.ir.term import Term
from declspore.lock import errors
from declspore.lock.digest import FileDigest
from declspore.lock.digests import Digests
from declspore.lock.hold import other_versions, same_digest
from declspore.lock.model import Lock, LockedFile, LockedTask
from declspore.lock.places import recorded_path, stated_digest
from declspore.lock.versions import versions_of
from declspore.plan.files import ckpt, open_term, path_of
from declspore.plan.planner import Plan
from declspore.plan.task import ReadFile, TaskPlan
from declspore.report import DiagnosticError, Sink
from declspore.same_file import file_id
from declspore.source import Span


@dataclass
class _Seen:
    """A file of a task; its digest may still be in the making. It is kept ``opened`` where that is
    of its bytes alone."""

    name: str
    path: str
    span: Span
    digest: Future[FileDigest]
    mode: str | None = None
    opened: Checkpoint | None = None


@dataclass
class _Task:
    plan: TaskPlan
    inputs: list[_Seen] = field(default_factory=list)
    outputs: list[_Seen] = field(default_factory=list)


class Recorder:
    """Sees every task before and after it runs, and every edited file before it is put in
    place. All methods raise DiagnosticError where a digest is not the one it must be."""

    def __init__(
        self, folder: str = "", *, records: bool = False, held: Lock | None = None
    ) -> None:
        """``folder`` is where the lock lies that is to be written."""
        self._digests = Digests()
        self._folder = folder
        self._records = records
        self._held = held
        self._tasks: dict[str, _Task] = {}
        self._adopted: dict[str, LockedTask] = {}

    def close(self) -> None:
        self._digests.close()

    def check(self, plan: Plan) -> None:
        """Hold a plan to the lock, before any of its tasks runs: every input that none of them
        makes."""
        assert self._held is not None
        sink = Sink()
        made = {file_id(path) for task in plan.tasks for path in task.writes()}
        for task in plan.tasks:
            if task.task.name not in self._held.tasks:
                what = f"the task `{task.task.name}`"
                sink.report(errors.not_locked(self._held.path, task.task.span, what))
                continue
            seen = [one for one in self._open_inputs(task) if file_id(one.path) not in made]
            self._hold_inputs(task, seen, sink)
        self._digests.settle()
        sink.raise_errors()

    def begin(self, plan: TaskPlan) -> None:
        """A task is about to run; all it reads is there."""
        task = self._tasks[plan.task.name] = _Task(plan)
        sink = Sink()
        for read in plan.reads():
            term, stated = read.file, stated_digest(read.file)
            if stated is not None or self._takes_digests:
                opened = _opened(read)
            if stated is not None:
                self._hold_stated(term, stated, opened, sink, new=False)
            if self._takes_digests:
                task.inputs.append(self._seen(read.name, term.span or plan.task.span, opened))
        if self._takes_digests:
            task.inputs += self._others(plan)
        if self._held is not None:
            self._hold_inputs(plan, task.inputs, sink)
        sink.raise_errors()

    def wrote(self, plan: TaskPlan, name: str, term: Term, written: Checkpoint) -> None:
        """An edited file is written, and not yet in place."""
        stated = stated_digest(term)
        sink = Sink()
        if stated is not None:
            self._hold_stated(term, stated, written, sink, new=True)
        if self._takes_digests:
            seen = self._seen(name, term.span or plan.task.span, written)
            self._tasks[plan.task.name].outputs.append(seen)
            if self._held is not None:
                self._hold_output(plan, seen, sink)
        sink.raise_errors()

    def saved(self, plan: TaskPlan, paths: Sequence[str]) -> None:
        """A training ended well, and left these files."""
        if self._records:
            task = self._tasks[plan.task.name]
            for index, path in enumerate(paths):
                task.outputs.append(
                    self._seen(f"save[{index}]", plan.task.span, open_term(ckpt(path)))
                )

    def wrote_file(self, plan: TaskPlan, name: str, path: str) -> None:
        """A task put a file in place that is not a checkpoint."""
        if self._records:
            digest = self._digests.of_file(path)
            self._tasks[plan.task.name].outputs.append(_Seen(name, path, plan.task.span, digest))

    def tasks(self) -> dict[str, LockedTask]:
        """What ran and is recorded; waits for the digests."""
        if not self._records:
            return {}
        mine = {name: _locked(task, self._folder) for name, task in self._tasks.items()}
        return mine | self._adopted

    def adopt(self, tasks: dict[str, LockedTask]) -> None:
        """Take over what a copy of this recorder in another process recorded."""
        self._adopted |= tasks

    def hash(self) -> Hash | None:
        """What is to take in the bytes of a new file as it is written."""
        return blake3() if self._takes_digests else None

    # ---- files

    def _open_inputs(self, plan: TaskPlan) -> list[_Seen]:
        found = []
        for read in plan.reads():
            span = read.file.span or plan.task.span
            try:
                found.append(self._seen(read.name, span, _opened(read)))
            except DiagnosticError:
                continue  # a task before this one makes it
        return found + self._others(plan)

    @property
    def _takes_digests(self) -> bool:
        return self._records or self._held is not None

    def _seen(self, name: str, span: Span, checkpoint: Checkpoint) -> _Seen:
        """The checkpoint stays open until its digest is taken. Where it is only held to a lock, its
        bytes are enough, unless encryption makes them new each time."""
        only_held = not self._records and checkpoint.mode is None
        take = self._digests.whole if only_held else self._digests.of
        kept = checkpoint if only_held else None
        return _Seen(name, checkpoint.path, span, take(checkpoint), checkpoint.mode, kept)

    def _with_tensors(self, seen: _Seen) -> FileDigest:
        """The digest of a file that is not the one it should be, for a report of what differs."""
        found = seen.digest.result()
        if found.tensors is None and seen.opened is not None:
            return self._digests.of(seen.opened).result()
        return found

    def _others(self, plan: TaskPlan) -> list[_Seen]:
        return [
            _Seen(data.name, data.path, data.span, self._digests.of_file(data.path))
            for data in plan.reads_data()
        ]

    # ---- holding to digests

    def _hold_stated(
        self, term: Term, stated: str, opened: Checkpoint, sink: Sink, *, new: bool
    ) -> None:
        found = self._digests.sha256(opened)
        if found != stated.lower():
            path = path_of(term)
            sink.report(errors.other_digest(term.span, path, stated, found, new=new))

    def _hold_inputs(self, plan: TaskPlan, seen: list[_Seen], sink: Sink) -> None:
        assert self._held is not None
        task = plan.task
        known = {file.name: file for file in self._held.tasks[task.name].inputs}
        for one in seen:
            expected = known.get(one.name)
            if expected is None:
                what = f"the input `{one.name}`, {one.path}"
                sink.report(errors.not_locked(self._held.path, one.span, what))
            elif not same_digest(expected, one.digest.result()):
                digests = expected.digest, self._with_tensors(one)
                sink.report(errors.other_input(one.span, one.name, one.path, *digests))

    def _hold_output(self, plan: TaskPlan, seen: _Seen, sink: Sink) -> None:
        assert self._held is not None
        locked = self._held.tasks[plan.task.name]
        expected = next((file for file in locked.outputs if file.name == seen.name), None)
        if expected is None:
            what = f"the output `{seen.name}`, {seen.path}"
            sink.report(errors.not_locked(self._held.path, seen.span, what))
        elif not same_digest(expected, seen.digest.result()):
            digests = expected.digest, self._with_tensors(seen)
            versions = other_versions(locked.versions, versions_of(plan))
            sink.report(errors.other_output(seen.path, *digests, versions))


def _opened(read: ReadFile) -> Checkpoint:
    """A checkpoint that a task reads, with the index that it was planned with where there is one
    (that of an edit). Raises DiagnosticError."""
    again = None if read.known is None else read.known.again()
    return open_term(read.file) if again is None else again


def _locked(task: _Task, folder: str) -> LockedTask:
    plan = task.plan
    return LockedTask(
        plan.task.kind.name,
        versions_of(plan),
        tuple(_locked_file(seen, folder) for seen in task.inputs),
        tuple(_locked_file(seen, folder) for seen in task.outputs),
        plan.seed,
        None if plan.dataset is None else str(plan.dataset),
    )


def _locked_file(seen: _Seen, folder: str) -> LockedFile:
    return LockedFile(seen.name, recorded_path(seen.path, folder), seen.digest.result(), seen.mode)
