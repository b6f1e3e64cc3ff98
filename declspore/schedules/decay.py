"""Schedules of mindspore.nn.learning_rate_schedule (2.10)."""

from __future__ import annotations

from math import log, pi

from declspore.ir.tensors import Ops, Tensor
from declspore.ir.term import Arguments
from declspore.registry.schedule import ScheduleKind
from declspore.registry.signature import Argument, signature
from declspore.registry.types import Boolean, Number, Steps

_RATE = Argument("learning_rate", Number(0.0), help="where it starts")
_DECAY = Argument("decay_rate", Number(above=0.0), help="how fast it falls")
_STEPS = Argument("decay_steps", Steps(), help="the steps one fall takes")
_STAIR = Argument("is_stair", Boolean(), False, "whether it falls once every decay_steps")


def _fraction(ops: Ops, a: Arguments, step: Tensor) -> Tensor:
    fraction = step / float(a.decay_steps)
    return ops.floor(fraction) if a.is_stair else fraction


def _exponential(ops: Ops, a: Arguments, step: Tensor) -> Tensor:
    return a.learning_rate * ops.exp(_fraction(ops, a, step) * log(a.decay_rate))


def _natural(ops: Ops, a: Arguments, step: Tensor) -> Tensor:
    passed = ops.floor(step / float(a.decay_steps)) * a.decay_steps if a.is_stair else step
    return a.learning_rate * ops.exp(passed * -a.decay_rate)


def _inverse(ops: Ops, a: Arguments, step: Tensor) -> Tensor:
    return a.learning_rate / (1.0 + _fraction(ops, a, step) * a.decay_rate)


def _cosine(ops: Ops, a: Arguments, step: Tensor) -> Tensor:
    turned = ops.minimum(step, float(a.decay_steps)) * (pi / a.decay_steps)
    return a.min_lr + 0.5 * (a.max_lr - a.min_lr) * (1.0 + ops.cos(turned))


def _polynomial(ops: Ops, a: Arguments, step: Tensor) -> Tensor:
    steps: Tensor | float = float(a.decay_steps)
    if a.update_decay_steps:
        steps = steps * ops.maximum(ops.ceil(step / steps), 1.0)
    share = 1.0 - ops.minimum(step, steps) / steps
    return (a.learning_rate - a.end_learning_rate) * ops.power(share, a.power) + a.end_learning_rate


def _warm_up(ops: Ops, a: Arguments, step: Tensor) -> Tensor:
    return a.learning_rate * ops.minimum(step / float(a.warmup_steps), 1.0)


KINDS = (
    ScheduleKind(
        name="ExponentialDecayLR",
        signature=signature(_RATE, _DECAY, _STEPS, _STAIR),
        summary="learning_rate decay_rate^(step / decay_steps).",
        example="ExponentialDecayLR(0.1, 0.9, 100)",
        rate=_exponential,
    ),
    ScheduleKind(
        name="NaturalExpDecayLR",
        signature=signature(_RATE, _DECAY, _STEPS, _STAIR),
        summary=(
            "learning_rate exp(-decay_rate step); with is_stair, of the last multiple of "
            "decay_steps, which otherwise count for nothing, as in MindSpore."
        ),
        example="NaturalExpDecayLR(0.1, 0.01, 100, is_stair = true)",
        rate=_natural,
    ),
    ScheduleKind(
        name="InverseDecayLR",
        signature=signature(_RATE, _DECAY, _STEPS, _STAIR),
        summary="learning_rate / (1 + decay_rate step / decay_steps).",
        example="InverseDecayLR(0.1, 0.5, 100)",
        rate=_inverse,
    ),
    ScheduleKind(
        name="CosineDecayLR",
        signature=signature(
            Argument("min_lr", Number(0.0), help="where it ends"),
            Argument("max_lr", Number(above=0.0), help="where it starts"),
            _STEPS,
        ),
        summary="min_lr + (max_lr - min_lr) (1 + cos(pi step / decay_steps)) / 2, then min_lr.",
        example="CosineDecayLR(0.0, 0.1, 1000)",
        rate=_cosine,
    ),
    ScheduleKind(
        name="PolynomialDecayLR",
        signature=signature(
            _RATE,
            Argument("end_learning_rate", Number(0.0), help="where it ends"),
            _STEPS,
            Argument("power", Number(above=0.0), help="1.0: a straight line"),
            Argument("update_decay_steps", Boolean(), False, "whether it continues beyond the end"),
        ),
        summary=(
            "(learning_rate - end_learning_rate) (1 - step / decay_steps)^power + "
            "end_learning_rate; beyond decay_steps it stays, or these grow to the next multiple."
        ),
        example="PolynomialDecayLR(0.1, 0.01, 1000, 0.5)",
        rate=_polynomial,
    ),
    ScheduleKind(
        name="WarmUpLR",
        signature=signature(_RATE, Argument("warmup_steps", Steps(), help="how long it rises")),
        summary="learning_rate step / warmup_steps, then learning_rate.",
        example="WarmUpLR(0.1, 100)",
        rate=_warm_up,
    ),
)
