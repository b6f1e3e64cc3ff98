"""Schedules of training: how many steps, and which files are saved when."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from declspore.tasks.train.kind import SaveRule, TrainTask


@dataclass(frozen=True, slots=True)
class Point:
    """A moment of training: after this step of this epoch, both counted from 1."""

    epoch: int
    step: int


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

    def point(self, step: int) -> Point:
        """Where the global step (from 1) lies."""
        epoch, rest = divmod(step - 1, self.steps_per_epoch)
        return Point(epoch + 1, rest + 1)

    def is_due(self, rule: SaveRule, step: int) -> bool:
        """Whether a rule saves after this global step; every rule also saves at the end."""
        every = int(rule.every.value)
        if rule.every.unit == "epoch":
            every *= self.steps_per_epoch
        return step % every == 0 or step == self.steps

    def files(self, rule: SaveRule) -> Iterator[str]:
        """The files a rule writes, in order."""
        every = int(rule.every.value) * (self.steps_per_epoch if rule.every.unit == "epoch" else 1)
        for step in range(every, self.steps, every):
            yield self.file(rule, step)
        yield self.file(rule, self.steps)

    def file(self, rule: SaveRule, step: int) -> str:
        point = self.point(step)
        return rule.path.format(epoch=point.epoch, step=point.step)

    def last_file(self, rule: SaveRule) -> str:
        return self.file(rule, self.steps)
