"""Whether the disk has room for what a training saves, before hours are spent on it."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator

from declspore.plan import errors
from declspore.report import Sink
from declspore.source import Span
from declspore.spelling import count
from declspore.tasks.train.kind import TrainTask
from declspore.tasks.train.saving import SaveRule
from declspore.tasks.train.schedule import Schedule
from declspore.text import size


def check_room(task: TrainTask, schedule: Schedule, nbytes: int, sink: Sink) -> None:
    """Warn of a disk that is too small for checkpoints of so many bytes each, and for the state,
    which has at least as many."""
    disks: dict[int, tuple[str, Span, list[int]]] = {}
    for rule in task.saves:
        folder = _existing(os.path.dirname(rule.path.partition("{")[0]))
        disk = disks.setdefault(os.stat(folder).st_dev, (folder, rule.span, []))
        disk[2].append(sum(_added(rule, schedule, nbytes)) + (rule is task.saves[0]) * nbytes)
    for folder, span, added in disks.values():
        free = shutil.disk_usage(folder).free
        if sum(added) > free:
            files = count(max(sum(added) // max(nbytes, 1), 1), "file")
            reason = f"`{task.name}` saves {size(sum(added))} there, {files} of {size(nbytes)}"
            sink.report(errors.too_little_room(span, folder, size(free), reason))


def _added(rule: SaveRule, schedule: Schedule, nbytes: int) -> Iterator[int]:
    """What each of the files adds that are there at one time; one is written before another goes,
    or is written over."""
    if rule.best is not None:
        yield from [nbytes] * ((rule.keep or 1) + 1)
        return
    written = list(schedule.files(rule))
    files = list(dict.fromkeys(written))
    most = len(files) if rule.keep is None else rule.keep + 1
    for file in files[:most]:
        yield max(nbytes - _taken(file), 0)
    if len(files) < len(written):
        yield nbytes


def _taken(path: str) -> int:
    """How large the file is that is written over."""
    try:
        return os.stat(path).st_size
    except OSError:
        return 0


def _existing(folder: str) -> str:
    """The folder, or the one of those around it that is there."""
    folder = os.path.abspath(folder)
    while not os.path.exists(folder):
        folder = os.path.dirname(folder)
    return folder
