"""Schedules of training: how many steps, and which files are saved when."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from math import prod

from declspore.dataclass import dataclass
from declspore.ir.term import Term
from declspore.ir.timeline import Timeline
from declspore.registry.schedule import counted
from declspore.tasks.train.kind import TrainTask
from declspore.tasks.train.policies import kind_of
from declspore.tasks.train.saving import SaveRule


@dataclass(frozen=True)
class Schedule:
    """``steps_per_epoch`` batches make an epoch; training ends after ``steps`` in all."""

    steps_per_epoch: int
    steps: int

    @classmethod
    def of(cls, task: TrainTask, steps_per_epoch: int) -> Schedule:
        amount = int(task.length.value)
        steps = amount if task.length.unit == "step" else amount * steps_per_epoch
        return cls(steps_per_epoch, steps)

    @property
    def epochs(self) -> int:
        return -(-self.steps // self.steps_per_epoch)

    @property
    def timeline(self) -> Timeline:
        return Timeline(self.epochs, self.steps_per_epoch, self.steps)

    def files(self, rule: SaveRule) -> Iterator[str]:
        """The files a rule writes, in order, as far as that is known."""
        return rule.policy.writes(self.timeline)

    def last_file(self, rule: SaveRule) -> str | None:
        """The last of them."""
        return next(iter(reversed(list(self.files(rule)))), None)


def with_counted_epochs(task: TrainTask, steps_per_epoch: int) -> TrainTask:
    """The task in whose schedules epochs are numbers of updates."""
    updates = prod(kind_of(each.term).updates(each.term.arguments) for each in task.policies)
    found = counted(task.optimizer, max(steps_per_epoch // updates, 1))
    assert isinstance(found, Term)
    return replace(task, optimizer=found)
