"""Checkpoints at regular steps or epochs, and how many of them stay."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from declspore.ir.timeline import Interval, Timeline
from declspore.registry.policy import OwnPolicyKind, Phase, Policy, Run, State
from declspore.registry.signature import Argument, signature
from declspore.registry.types import Integer, IntervalType, Optional, Text


@dataclass(frozen=True)
class Save(Policy):
    """Saves to ``path``, in which ``{epoch}`` and ``{step}`` (within the epoch) are filled in,
    and after the last step in any case. The newest ``keep`` files stay, or all."""

    path: str
    every: Interval
    keep: int | None = None

    phase: ClassVar[Phase] = Phase.SAVE

    def start(self) -> State:
        return {"step": 0, "files": []}

    def next_pause(self, state: State, run: Run) -> int | None:
        return self.every.next_step(run.step)

    def after_steps(self, state: State, run: Run) -> State:
        return self._saved(state, run) if self.every.on_step(run.step) else state

    def after_epoch(self, state: State, run: Run) -> State:
        is_due = run.epoch_is_complete and self.every.on_epoch(run.epoch)
        return self._saved(state, run) if is_due else state

    def end(self, state: State, run: Run) -> State:
        return state if state["step"] == run.step else self._saved(state, run)

    def _saved(self, state: State, run: Run) -> State:
        path = self._file(run.epoch, run.step_in_epoch)
        run.save(path)
        files = list(state["files"])
        if path not in files:
            files.append(path)
        while self.keep is not None and len(files) > max(self.keep, 1):
            run.remove(files.pop(0))
        return {"step": run.step, "files": files}

    def _file(self, epoch: int, step: int) -> str:
        return self.path.format(epoch=epoch, step=step)

    def writes(self, timeline: Timeline) -> Iterator[str]:
        if timeline.steps is None or timeline.steps_per_epoch is None:
            return
        length = self.every.steps(timeline.steps_per_epoch)
        for step in range(length, timeline.steps, length):
            yield self._file(*timeline.point(step))
        yield self._file(*timeline.point(timeline.steps))


KINDS = (
    OwnPolicyKind(
        name="Save",
        signature=signature(
            Argument("path", Text(), help="where to, with {epoch} and {step} filled in"),
            Argument("every", IntervalType(), help="steps or epochs between checkpoints"),
            Argument("keep", Optional(Integer(0)), None, "how many of the newest stay"),
        ),
        summary="Saves checkpoints at regular steps or epochs, and after the last step.",
        example='save "out/{epoch}_{step}.ckpt" every 1 epochs keep 3',
        make=lambda a: Save(a.path, a.every, a.keep),
    ),
)
