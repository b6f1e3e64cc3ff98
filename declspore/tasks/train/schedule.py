"""Schedules of training: how many steps, and which files are saved when."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from declspore.ir.timeline import Interval, Timeline
from declspore.registry.policy import Policy, policy
from declspore.tasks.train.kind import SaveRule, TrainTask


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
        """The files a rule writes, in order."""
        return saving(rule).writes(self.timeline)

    def last_file(self, rule: SaveRule) -> str:
        *_, last = self.files(rule)
        return last


def saving(rule: SaveRule) -> Policy:
    """The policy that a rule for saving asks for."""
    every = Interval(int(rule.every.value), rule.every.unit)
    return policy("Save", path=rule.path, every=every, keep=rule.keep)
