"""Optimizers that scale each element by the gradients seen (mindspore.nn, 2.10)."""

from __future__ import annotations

from collections.abc import Mapping

from declspore.ir.tensors import Ops, Tensor
from declspore.ir.term import Arguments
from declspore.numerics.optimizer_arguments import LOSS_SCALE, WEIGHT_DECAY, learning_rate
from declspore.registry.groups import GROUPS
from declspore.registry.optimizer import Moved, OptimizerKind, Slot, Step
from declspore.registry.signature import Argument, signature
from declspore.registry.types import Boolean, Number

_LOCKING = Argument("use_locking", Boolean(), False, "of no effect here")
_L1 = Argument("l1", Number(0.0), 0.0, "L1 penalty")
_L2 = Argument("l2", Number(0.0), 0.0, "L2 penalty")


def _rms_slots(a: Arguments) -> tuple[Slot, ...]:
    slots = (Slot("mean_square", 1.0), Slot("moment"))
    return (Slot("mean_grad"), *slots) if a.centered else slots


def _rmsprop(step: Step, weight: Tensor, gradient: Tensor, slots: Mapping[str, Tensor]) -> Moved:
    a, ops = step.arguments, step.ops
    square = slots["mean_square"] * a.decay + gradient * gradient * (1.0 - a.decay)
    moved = {"mean_square": square}
    spread = square
    if a.centered:
        mean = moved["mean_grad"] = slots["mean_grad"] * a.decay + gradient * (1.0 - a.decay)
        spread = square - mean * mean
    change = step.rate * gradient * ops.rsqrt(spread + a.epsilon)
    moved["moment"] = slots["moment"] * a.momentum + change
    return weight - moved["moment"], moved


_LEAST = 1e-8
"""Added to the sum of squares by MindSpore's kernel: nothing moves where no gradient was seen."""


def _adagrad(step: Step, weight: Tensor, gradient: Tensor, slots: Mapping[str, Tensor]) -> Moved:
    accum = slots["accum"]
    if step.arguments.update_slots:
        accum = accum + gradient * gradient
    change = step.rate * gradient * step.ops.rsqrt(accum + _LEAST)
    return weight - change, {"accum": accum}


def _adadelta(step: Step, weight: Tensor, gradient: Tensor, slots: Mapping[str, Tensor]) -> Moved:
    a, ops = step.arguments, step.ops
    accum = slots["accum"] * a.rho + gradient * gradient * (1.0 - a.rho)
    seen = slots["accum_update"]
    change = ops.sqrt(seen + a.epsilon) * ops.rsqrt(accum + a.epsilon) * gradient
    seen = seen * a.rho + change * change * (1.0 - a.rho)
    return weight - step.rate * change, {"accum": accum, "accum_update": seen}


def _shrunk(ops: Ops, value: Tensor, by: Tensor) -> Tensor:
    """The value brought nearer to 0 by that much, and 0 where it is nearer already."""
    return ops.sign(value) * ops.maximum(ops.absolute(value) - by, 0.0)


def _proximal(step: Step, weight: Tensor, gradient: Tensor, slots: Mapping[str, Tensor]) -> Moved:
    a, ops = step.arguments, step.ops
    accum = slots["accum"] + gradient * gradient
    rate = step.rate * ops.rsqrt(accum)
    moved = weight - rate * gradient
    if a.l1:
        moved = _shrunk(ops, moved, rate * a.l1)
    return moved / (1.0 + rate * a.l2), {"accum": accum}


def _ftrl(step: Step, weight: Tensor, gradient: Tensor, slots: Mapping[str, Tensor]) -> Moved:
    a, ops = step.arguments, step.ops
    old = slots["moments"]
    new = old + gradient * gradient
    old_power, new_power = ops.power(old, -a.lr_power), ops.power(new, -a.lr_power)
    linear = slots["linear"] + gradient - (new_power - old_power) / step.rate * weight
    moved = -_shrunk(ops, linear, a.l1) / (new_power / step.rate + 2.0 * a.l2)
    return moved, {"moments": new, "linear": linear}


KINDS = (
    OptimizerKind(
        name="RMSProp",
        signature=signature(
            learning_rate(0.1),
            Argument("decay", Number(0.0), 0.9, "share of the old mean square"),
            Argument("momentum", Number(0.0), 0.0, "share of the old moment"),
            Argument("epsilon", Number(above=0.0), 1e-10, "added to the mean square"),
            _LOCKING,
            Argument("centered", Boolean(), False, "whether the mean gradient is taken off"),
            LOSS_SCALE,
            WEIGHT_DECAY,
            *GROUPS,
        ),
        summary=(
            "s = decay s + (1 - decay) gradient^2, from 1; moment = momentum moment + rate "
            "gradient / sqrt(s + epsilon), centered: s - g^2 in place of s; weight -= moment. "
            "MindSpore's CPU, not centered, adds epsilon outside the root in blocks of 8."
        ),
        example="RMSProp(learning_rate = 0.01)",
        slots=_rms_slots,
        scalars=lambda a: (),
        update=_rmsprop,
    ),
    OptimizerKind(
        name="Adagrad",
        signature=signature(
            Argument("accum", Number(0.0), 0.1, "what the sum of squares starts from"),
            learning_rate(1e-3),
            Argument(
                "update_slots", Boolean(), True, "whether it grows; MindSpore's CPU ignores it"
            ),
            LOSS_SCALE,
            WEIGHT_DECAY,
            *GROUPS,
        ),
        summary="accum += gradient^2; weight -= rate gradient / sqrt(accum + 1e-8).",
        example="Adagrad(learning_rate = 0.01)",
        slots=lambda a: (Slot("accum", a.accum),),
        scalars=lambda a: (),
        update=_adagrad,
    ),
    OptimizerKind(
        name="Adadelta",
        signature=signature(
            learning_rate(1.0),
            Argument("rho", Number(0.0, 1.0), 0.9, "share of the old means"),
            Argument("epsilon", Number(above=0.0), 1e-6, "added to both means"),
            LOSS_SCALE,
            WEIGHT_DECAY,
            *GROUPS,
        ),
        summary=(
            "a = rho a + (1 - rho) gradient^2; d = sqrt(u + epsilon) / sqrt(a + epsilon) gradient; "
            "u = rho u + (1 - rho) d^2; weight -= rate d."
        ),
        example="Adadelta()",
        slots=lambda a: (Slot("accum"), Slot("accum_update")),
        scalars=lambda a: (),
        update=_adadelta,
    ),
    OptimizerKind(
        name="ProximalAdagrad",
        signature=signature(
            Argument("accum", Number(0.0), 0.1, "what the sum of squares starts from"),
            learning_rate(1e-3),
            _L1,
            _L2,
            _LOCKING,
            LOSS_SCALE,
            WEIGHT_DECAY,
            *GROUPS,
        ),
        summary=(
            "accum += gradient^2; r = rate / sqrt(accum); p = weight - r gradient; weight = "
            "sign(p) max(|p| - r l1, 0) / (1 + r l2)."
        ),
        example="ProximalAdagrad(learning_rate = 0.01)",
        slots=lambda a: (Slot("accum", a.accum),),
        scalars=lambda a: (),
        update=_proximal,
        spares_rows=lambda a: True,
    ),
    OptimizerKind(
        name="FTRL",
        signature=signature(
            Argument("initial_accum", Number(0.0), 0.1, "what the sum of squares starts from"),
            learning_rate(1e-3),
            Argument("lr_power", Number(high=0.0), -0.5, "the power that scales the rate"),
            _L1,
            _L2,
            _LOCKING,
            LOSS_SCALE,
            WEIGHT_DECAY,
            *GROUPS,
        ),
        summary=(
            "n' = n + gradient^2; z += gradient - (n'^-p - n^-p) / rate weight; weight = -sign(z) "
            "max(|z| - l1, 0) / (n'^-p / rate + 2 l2). With l1, MindSpore's CPU errs for z < 0."
        ),
        example="FTRL(learning_rate = 0.01)",
        slots=lambda a: (Slot("moments", a.initial_accum), Slot("linear")),
        scalars=lambda a: (),
        update=_ftrl,
        spares_rows=lambda a: True,
        undecayed=(),
    ),
)
