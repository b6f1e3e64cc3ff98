"""Checkpoints at regular moments or when a figure is better than before, and which of them stay."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, ClassVar

from declspore.dataclass import dataclass
from declspore.ir.timeline import Interval, Timeline
from declspore.numerics.placeholders import is_saved, placed
from declspore.registry.policy import OwnPolicyKind, Phase, Policy, Run, State
from declspore.registry.signature import Argument, signature
from declspore.registry.types import Integer, IntervalType, Optional, Text


@dataclass(frozen=True)
class Save(Policy):
    """Saves to ``path``, in which ``{epoch}`` and ``{step}`` (within the epoch) are filled in,
    and after the last step in any case. The newest ``keep`` files stay, or all; with ``per``, of
    those that were saved within such a time before the next one the oldest stays, as under
    MindSpore's ``keep_checkpoint_per_n_minutes``."""

    path: str
    every: Interval
    keep: int | None = None
    per: Interval | None = None

    phase: ClassVar[Phase] = Phase.SAVE

    def start(self) -> State:
        return {"step": 0, "files": [], "saved": 0.0}

    def accepts(self, state: State) -> bool:
        return super().accepts(state) and all(is_saved(self.path, row, 0) for row in state["files"])

    def next_pause(self, state: State, run: Run) -> int | None:
        return self._next_step(state)

    def _next_step(self, state: State) -> int | None:
        """The step after which the next one is saved; None where steps are not counted."""
        return state["step"] + int(self.every.amount) if self.every.unit == "step" else None

    def after_steps(self, state: State, run: Run) -> State:
        following = self._next_step(state)
        is_due = following is not None and run.step >= following
        if self.every.is_time:
            is_due = run.seconds - state["saved"] >= self.every.amount
        return self._saved(state, run) if is_due else state

    def after_epoch(self, state: State, run: Run) -> State:
        is_due = run.epoch_is_complete and self.every.on_epoch(run.epoch)
        return self._saved(state, run) if is_due else state

    def end(self, state: State, run: Run) -> State:
        return state if state["step"] == run.step else self._saved(state, run)

    @property
    def _is_timed(self) -> bool:
        return self.every.is_time or self.per is not None

    def _saved(self, state: State, run: Run) -> State:
        path = placed(self.path, run.epoch, run.step_in_epoch)
        run.save(path)
        now = run.seconds if self._is_timed else 0.0
        files = [each for each in state["files"] if each[0] != path]
        for old in self._superfluous(files, now):
            files.remove(old)
            run.remove(old[0])
        return {"step": run.step, "files": [*files, [path, now]], "saved": now}

    def _superfluous(self, files: list[Any], now: float) -> list[Any]:
        """Those that go before another one is saved."""
        if self.per is not None:
            latest = [each for each in files if now - each[1] < self.per.amount]
            return latest[1:]
        if self.keep is None:
            return []
        return files[: max(len(files) - max(self.keep, 1) + 1, 0)]

    def writes(self, timeline: Timeline) -> Iterator[str]:
        if timeline.steps is None or timeline.steps_per_epoch is None:
            return
        if not self.every.is_time:
            length = self.every.steps(timeline.steps_per_epoch)
            for step in range(length, timeline.steps, length):
                yield placed(self.path, *timeline.point(step))
        yield placed(self.path, *timeline.point(timeline.steps))


KINDS = (
    OwnPolicyKind(
        name="Save",
        signature=signature(
            Argument("path", Text(), help="the path, in which {epoch} and {step} are filled in"),
            Argument(
                "every", IntervalType(times=True), help="the interval between two checkpoints"
            ),
            Argument("keep", Optional(Integer(0)), None, "how many of the newest to keep"),
            Argument(
                "per", Optional(IntervalType(times=True)), None, "keep one for each such time"
            ),
        ),
        summary="Saves checkpoints at regular steps, epochs or times, and after the last step.",
        example='save "out/{epoch}_{step}.ckpt" every 1 epochs keep 3',
        make=lambda a: Save(a.path, a.every, a.keep, a.per),
    ),
)
