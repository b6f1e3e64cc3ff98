"""Arguments that MindSpore's optimizers share."""

from __future__ import annotations

from declspore.registry.signature import Argument
from declspore.registry.types import Either, ListOf, Number

LEARNING_RATE = Argument(
    "learning_rate",
    Either((Number(0.0), ListOf(Number(0.0)))),
    help="a number, or a list with one for each step",
)
COMMON_TAIL = (
    Argument(
        "weight_decay",
        Number(0.0),
        0.0,
        "L2 penalty, added to the gradient of parameters without beta or gamma in their name",
    ),
    Argument("loss_scale", Number(above=0.0), 1.0, "the gradient is divided by it"),
)
