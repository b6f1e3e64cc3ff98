"""A learning rate that falls when a figure does not get better."""

from __future__ import annotations

from declspore.dataclass import dataclass
from declspore.ir.term import Arguments
from declspore.numerics.judging import Judging
from declspore.numerics.monitor import Monitor
from declspore.registry.kind import Misfit
from declspore.registry.policy import PolicyKind, Run, Setting, State
from declspore.registry.signature import Argument, signature
from declspore.registry.types import Choice, Integer, Number, Text


@dataclass(frozen=True)
class ReduceLROnPlateau(Judging):
    """Multiplies the rate by ``factor`` once ``patience`` figures in a row were not better, then
    waits for ``cooldown`` of them (MindSpore's ``ReduceLROnPlateau``)."""

    monitor: Monitor
    factor: float
    patience: int
    cooldown: int
    least: float

    def start(self) -> State:
        return {"best": None, "wait": 0, "cooldown": 0}

    def judged(self, state: State, run: Run, figure: float) -> State:
        best, wait, cooldown = state["best"], state["wait"], state["cooldown"]
        if cooldown > 0:
            cooldown, wait = cooldown - 1, 0
        if self.monitor.improves(figure, best):
            best, wait = figure, 0
        elif cooldown <= 0:
            wait += 1
            if wait >= self.patience:
                self._reduce(run)
                cooldown, wait = self.cooldown, 0
        return {"best": best, "wait": wait, "cooldown": cooldown}

    def _reduce(self, run: Run) -> None:
        rate = run.rate
        if rate <= self.least:
            return
        lower = max(rate * self.factor, self.least)
        run.set_rate(lower)
        run.note(f"epoch {run.epoch}: the learning rate falls from {rate:g} to {lower:g}")


def _check(a: Arguments, setting: Setting) -> None:
    setting.require_figure(a.monitor)
    if len(setting.rates) != 1 or not isinstance(setting.rates[0], float):
        raise Misfit(
            "it lowers one learning rate that is a number; the optimizer's depends on the step or "
            "on groups",
            "learning_rate = 0.1",
        )


KINDS = (
    PolicyKind(
        name="ReduceLROnPlateau",
        signature=signature(
            Argument("monitor", Text(), "eval_loss", "the figure; `loss` is the last step's"),
            Argument("factor", Number(above=0.0, high=1.0), 0.1, "what the rate is multiplied by"),
            Argument("patience", Integer(0), 10, "how many figures in a row may fail to improve"),
            Argument("mode", Choice(("auto", "min", "max")), "auto", "which way is better"),
            Argument("min_delta", Number(), 1e-4, "smaller changes are ignored"),
            Argument("cooldown", Integer(0), 0, "how many figures do not count afterwards"),
            Argument("min_lr", Number(0.0), 0.0, "the lowest rate"),
        ),
        summary="Multiplies the learning rate by `factor` once `patience` figures in a row were "
        "not better by more than `min_delta`, as MindSpore's callback does.",
        example='ReduceLROnPlateau("accuracy", factor = 0.5, patience = 3)',
        make=lambda a: ReduceLROnPlateau(
            Monitor(a.monitor, a.mode, a.min_delta), a.factor, a.patience, a.cooldown, a.min_lr
        ),
        check=_check,
    ),
)
