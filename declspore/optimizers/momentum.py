"""Momentum (mindspore.nn.Momentum, 2.10)."""

from __future__ import annotations

from collections.abc import Mapping

from declspore.ir.tensors import Tensor
from declspore.ir.term import Arguments
from declspore.numerics.optimizer_arguments import LOSS_SCALE, WEIGHT_DECAY, learning_rate
from declspore.registry.groups import GROUPS
from declspore.registry.optimizer import OptimizerKind, Scalar, Slot, Step
from declspore.registry.signature import Argument, signature
from declspore.registry.types import Boolean, Number


def _scalars(a: Arguments) -> tuple[Scalar, ...]:
    return (Scalar("momentum", a.momentum),)


def _slots(a: Arguments) -> tuple[Slot, ...]:
    return (Slot("moments"),)


def _update(
    step: Step, weight: Tensor, gradient: Tensor, slots: Mapping[str, Tensor]
) -> tuple[Tensor, dict[str, Tensor]]:
    momentum = step.scalars["momentum"]
    moment = slots["moments"] * momentum + gradient
    if step.arguments.use_nesterov:
        return weight - step.rate * (gradient + momentum * moment), {"moments": moment}
    return weight - step.rate * moment, {"moments": moment}


KINDS = (
    OptimizerKind(
        name="Momentum",
        signature=signature(
            learning_rate(),
            Argument("momentum", Number(0.0), help="share of the old moment"),
            WEIGHT_DECAY,
            LOSS_SCALE,
            Argument("use_nesterov", Boolean(), False, "as documented; MindSpore's CPU ignores it"),
            *GROUPS,
        ),
        summary=(
            "moment = momentum moment + gradient; weight -= rate moment. With use_nesterov, "
            "weight -= rate (gradient + momentum moment), MindSpore's documented formula: its "
            "CPU kernel ignores the flag."
        ),
        example="Momentum(learning_rate = 0.01, momentum = 0.9)",
        slots=_slots,
        scalars=_scalars,
        update=_update,
    ),
)
