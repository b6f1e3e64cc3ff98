"""Gradient descent and its sign-based relative (mindspore.nn, 2.10)."""

from __future__ import annotations

from collections.abc import Mapping

from declspore.ir.tensors import Tensor
from declspore.ir.term import Arguments
from declspore.numerics.optimizer_arguments import LOSS_SCALE, WEIGHT_DECAY, learning_rate
from declspore.registry.groups import GROUPS
from declspore.registry.optimizer import Moved, OptimizerKind, Scalar, Slot, Step
from declspore.registry.signature import Argument, signature
from declspore.registry.types import Boolean, Number


def _scalars(a: Arguments) -> tuple[Scalar, ...]:
    return (Scalar("momentum", a.momentum),)


def _sgd(step: Step, weight: Tensor, gradient: Tensor, slots: Mapping[str, Tensor]) -> Moved:
    """``stat`` is 1 until the first step with momentum, which takes the gradient undamped."""
    a, ops = step.arguments, step.ops
    if not a.momentum:
        return weight - step.rate * gradient, {}
    momentum, stat = step.scalars["momentum"], slots["stat"]
    later = slots["accum"] * momentum + gradient * (1.0 - a.dampening)
    moment = ops.where(stat > 0, gradient, later)
    change = gradient + moment * momentum if a.nesterov else moment
    return weight - step.rate * change, {"accum": moment, "stat": ops.zeros_like(stat)}


KINDS = (
    OptimizerKind(
        name="SGD",
        signature=signature(
            learning_rate(0.1),
            Argument("momentum", Number(0.0), 0.0, "share of the old moment"),
            Argument("dampening", Number(0.0), 0.0, "what later gradients are reduced by"),
            WEIGHT_DECAY,
            Argument("nesterov", Boolean(), False, "gradient + momentum moment"),
            LOSS_SCALE,
            *GROUPS,
        ),
        summary=(
            "moment = momentum moment + (1 - dampening) gradient, the first time gradient; "
            "weight -= rate moment."
        ),
        example="SGD(learning_rate = 0.1, momentum = 0.9)",
        slots=lambda a: (Slot("accum"), Slot("stat", 1.0)),
        scalars=_scalars,
        update=_sgd,
    ),
)
