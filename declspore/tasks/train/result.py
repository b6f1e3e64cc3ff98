"""What came of a training."""

from __future__ import annotations

from collections.abc import Iterator

from declspore.dataclass import dataclass
from declspore.run.task import Result
from declspore.spelling import Json, count
from declspore.tasks.train.history import TrainingHistory


@dataclass(frozen=True)
class Trained(Result):
    """A finished training: its last loss, how many checkpoints it saved, those still there, why it
    ended early, if it did, and what it was like."""

    steps: int
    loss: float
    saved: int
    files: tuple[str, ...]
    stop_reason: str | None
    history: TrainingHistory

    def facts(self) -> dict[str, Json]:
        own = {**vars(self), "files": list(self.files), "history": self.history.facts()}
        return {"kind": "trained", **own}

    def lines(self) -> Iterator[str]:
        yield f"{self.task}: loss {self.loss:.4g} after {count(self.steps, 'step')}"
        if self.stop_reason is not None:
            yield f"  stopped: {self.stop_reason}"
        if self.saved:
            kept = f", {len(self.files)} of them kept:"
            end = kept if len(self.files) < self.saved else ":"
            yield f"  saved {count(self.saved, 'checkpoint')}{end}"
        yield from (f"  {path}" for path in self.files)
