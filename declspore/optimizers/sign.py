"""Optimizers that average, or that follow signs (mindspore.nn, 2.10)."""

from __future__ import annotations

from collections.abc import Mapping

from declspore.ir.tensors import Tensor
from declspore.numerics.optimizer_arguments import WEIGHT_DECAY, learning_rate
from declspore.registry.groups import GROUPS
from declspore.registry.optimizer import Moved, OptimizerKind, Slot, Step
from declspore.registry.signature import Argument, signature
from declspore.registry.types import ListOf, Number


def _asgd(step: Step, weight: Tensor, gradient: Tensor, slots: Mapping[str, Tensor]) -> Moved:
    a, ops = step.arguments, step.ops
    count = ops.cast(step.count + 1, weight.dtype)
    eta = ops.where(ops.equal(count, 1.0), step.rate, slots["eta_"])
    moved = weight * (1.0 - a.lambd * eta) - eta * gradient
    mu, mean = slots["mu_"], slots["ax_"]
    return moved, {
        "mu_": 1.0 / ops.maximum(count - a.t0, 1.0),
        "eta_": step.rate / ops.power(1.0 + a.lambd * step.rate * count, a.alpha),
        "ax_": ops.where(ops.equal(mu, 1.0), moved, mean + (moved - mean) * mu),
    }


def _rprop(step: Step, weight: Tensor, gradient: Tensor, slots: Mapping[str, Tensor]) -> Moved:
    a, ops = step.arguments, step.ops
    (shrink, grow), (least, most) = a.etas, a.step_sizes
    size = ops.where(ops.equal(step.count, 0), step.rate, slots["step_size"])
    agreed = gradient * slots["prev"]
    factor = ops.where(agreed > 0, grow, ops.where(agreed < 0, shrink, 1.0))
    size = ops.minimum(ops.maximum(size * ops.cast(factor, size.dtype), least), most)
    gradient = ops.where(agreed < 0, ops.zeros_like(gradient), gradient)
    return weight - ops.sign(gradient) * size, {"prev": gradient, "step_size": size}


KINDS = (
    OptimizerKind(
        name="ASGD",
        signature=signature(
            learning_rate(0.1),
            Argument("lambd", Number(), 1e-4, "how fast weights decay"),
            Argument("alpha", Number(), 0.75, "power of the falling rate"),
            Argument("t0", Number(), 1e6, "the step from which weights are averaged"),
            WEIGHT_DECAY,
            *GROUPS,
        ),
        summary=(
            "weight = (1 - lambd eta) weight - eta gradient, eta being rate / (1 + lambd rate "
            "t)^alpha; ax is the mean of the weights from step t0 on."
        ),
        example="ASGD(learning_rate = 0.1)",
        slots=lambda a: (
            Slot("mu_", 1.0, shape=lambda shape: (), shown="a number"),
            Slot("eta_", 0.0, shape=lambda shape: (), shown="a number"),
            Slot("ax_"),
        ),
        scalars=lambda a: (),
        update=_asgd,
    ),
    OptimizerKind(
        name="Rprop",
        signature=signature(
            learning_rate(0.1),
            Argument("etas", ListOf(Number(above=0.0), 2), [0.5, 1.2], "[shrinks, grows] a step"),
            Argument(
                "step_sizes", ListOf(Number(above=0.0), 2), [1e-6, 50.0], "[least, most] of a step"
            ),
            WEIGHT_DECAY,
            *GROUPS,
        ),
        summary=(
            "Each element has a step that grows while its gradient keeps its sign and shrinks, "
            "without a move, where it changes; weight -= sign(gradient) step."
        ),
        example="Rprop(learning_rate = 0.1)",
        slots=lambda a: (Slot("prev"), Slot("step_size")),
        scalars=lambda a: (),
        update=_rprop,
    ),
)
