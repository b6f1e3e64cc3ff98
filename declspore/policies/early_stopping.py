"""The end of a training that does not get better."""

from __future__ import annotations

from declspore.dataclass import dataclass
from declspore.numerics.judging import Judging
from declspore.numerics.monitor import Monitor
from declspore.registry.policy import PolicyKind, Run, State
from declspore.registry.signature import Argument, signature
from declspore.registry.types import Boolean, Choice, Integer, Number, Optional, Text


@dataclass(frozen=True)
class EarlyStopping(Judging):
    """Stops once ``patience`` figures in a row were not better (MindSpore's ``EarlyStopping``).

    A figure counts when it is found; the loss, that of the last step, at the end of an epoch.
    """

    monitor: Monitor
    patience: int
    baseline: float | None = None
    restore: bool = False

    def start(self) -> State:
        return {"best": None, "wait": 0}

    def judged(self, state: State, run: Run, figure: float) -> State:
        best, wait = state["best"], state["wait"] + 1
        if self.restore and best is None:
            run.keep()
        if self.monitor.improves(figure, best):
            best = figure
            if self.restore:
                run.keep()
            if self.baseline is None or self.monitor.improves(figure, self.baseline):
                wait = 0
        if wait >= self.patience:
            name = self.monitor.figure
            was = f"{figure:g}" if best is None else f"{best:g}"
            run.stop(f"{name} was not better than {was} for {wait} evaluations")
            if self.restore:
                run.recall()
        return {"best": best, "wait": wait}


KINDS = (
    PolicyKind(
        name="EarlyStopping",
        signature=signature(
            Argument("monitor", Text(), "eval_loss", "the figure; `loss` is the last step's"),
            Argument("min_delta", Number(), 0.0, "smaller changes are ignored"),
            Argument("patience", Integer(0), 0, "how many figures in a row may fail to improve"),
            Argument("mode", Choice(("auto", "min", "max")), "auto", "which way is better"),
            Argument("baseline", Optional(Number()), None, "what a figure must be better than"),
            Argument(
                "restore_best_weights", Boolean(), False, "whether to go back to the best values"
            ),
        ),
        summary="Stops the training once `patience` figures in a row were not better by more than "
        "`min_delta`, as MindSpore's callback does; with patience = 0 at the first one. Less is "
        "better for losses, errors and distances, more for all other figures.",
        example='EarlyStopping("accuracy", patience = 3)',
        make=lambda a: EarlyStopping(
            Monitor(a.monitor, a.mode, a.min_delta), a.patience, a.baseline, a.restore_best_weights
        ),
        stops=True,
        check=lambda a, setting: setting.require_figure(a.monitor),
    ),
)
