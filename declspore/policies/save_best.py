"""Checkpoints of the moments at which a figure was best."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from declspore.dataclass import dataclass
from declspore.ir.timeline import Timeline
from declspore.numerics.judging import Judging
from declspore.numerics.monitor import Monitor
from declspore.numerics.placeholders import is_saved, placed
from declspore.registry.policy import OwnPolicyKind, Phase, Run, State
from declspore.registry.signature import Argument, signature
from declspore.registry.types import Integer, Text


@dataclass(frozen=True)
class SaveBest(Judging):
    """Saves to ``path`` when a figure is among the ``top`` best so far; the others are removed.

    ``{epoch}``, ``{step}`` and ``{figure}`` are filled in. Of equal figures the earlier one is
    better.
    """

    path: str
    monitor: Monitor
    top: int = 1

    phase: ClassVar[Phase] = Phase.SAVE

    def start(self) -> State:
        return {"best": []}

    def accepts(self, state: State) -> bool:
        return super().accepts(state) and all(is_saved(self.path, row, 1) for row in state["best"])

    def judged(self, state: State, run: Run, figure: float) -> State:
        best = [(float(value), str(path)) for value, path in state["best"]]
        if not self.monitor.improves(figure, None):
            return state
        if len(best) >= self.top and not self.monitor.improves(figure, best[-1][0]):
            return state
        path = placed(self.path, run.epoch, run.step_in_epoch, figure)
        run.save(path)
        place = sum(not self.monitor.improves(figure, value) for value, _ in best)
        best.insert(place, (figure, path))
        for _, old in best[self.top :]:
            if old not in [path for _, path in best[: self.top]]:
                run.remove(old)
        return {"best": [list(each) for each in best[: self.top]]}

    def writes(self, timeline: Timeline) -> Iterator[str]:
        if placed(self.path, 1, 1, 0.25) == placed(self.path, 2, 2, 0.5):
            yield placed(self.path, 1, 1)


KINDS = (
    OwnPolicyKind(
        name="SaveBest",
        signature=signature(
            Argument(
                "path", Text(), help="the path, in which {epoch}, {step} and {figure} are filled in"
            ),
            Argument("figure", Text(), help="the figure that decides"),
            Argument("top", Integer(1), 1, "how many of the best to keep"),
        ),
        summary="Saves a checkpoint when a figure is better than before.",
        example='save "out/best.ckpt" best accuracy  # SaveBest',
        make=lambda a: SaveBest(a.path, Monitor(a.figure), a.top),
    ),
)
