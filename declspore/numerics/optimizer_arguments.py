"""Arguments that MindSpore's optimizers share."""

from __future__ import annotations

from declspore.registry.signature import REQUIRED, Argument
from declspore.registry.types import Either, ListOf, Number, TermOf

RATE = Either((Number(0.0), ListOf(Number(0.0)), TermOf("schedule")))


def learning_rate(default: object = REQUIRED) -> Argument:
    """The argument of that name, with an optimizer's default."""
    return Argument(
        "learning_rate", RATE, default, "a number, a list with one for each step, or a schedule"
    )


DECAY = Either((Number(0.0), TermOf("schedule")))
WEIGHT_DECAY = Argument(
    "weight_decay",
    DECAY,
    0.0,
    "L2 penalty, added to the gradient of parameters without beta or gamma in their name; a "
    "schedule gives it step by step",
)
LOSS_SCALE = Argument(
    "loss_scale", Number(above=0.0), 1.0, "the gradient is divided by it; `train` scales the loss"
)
