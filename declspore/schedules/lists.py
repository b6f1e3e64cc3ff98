"""Lists of learning rates (mindspore.nn.dynamic_lr, 2.10)."""

from __future__ import annotations

from collections.abc import Callable
from math import ceil, cos, exp, pi

from declspore.ir.term import Arguments
from declspore.registry.kind import Misfit
from declspore.registry.schedule import RateListKind
from declspore.registry.signature import Argument, signature
from declspore.registry.types import Boolean, Integer, ListOf, Number

_MOST = 1_000_000
_RATE = Argument("learning_rate", Number(0.0), help="where it starts")
_DECAY = Argument("decay_rate", Number(above=0.0), help="how fast it falls")
_TOTAL = Argument("total_step", Integer(1), help="how many rates are made")
_EPOCH = Argument("step_per_epoch", Integer(1), help="the rate stays for so many steps")
_LENGTH = Argument("decay_epoch", Integer(1), help="the epochs one fall takes")
_STAIR = Argument("is_stair", Boolean(), False, "whether it falls once every decay_epoch")


def _by_epoch(a: Arguments, rate: Callable[[int], float]) -> tuple[float, ...]:
    """One rate a step, made from its epoch. Raises Misfit where they are too many."""
    if a.total_step > _MOST:
        raise Misfit(f"more than {_MOST:,} rates", "a schedule such as CosineDecayLR")
    return tuple(rate(step // a.step_per_epoch) for step in range(a.total_step))


def _piecewise(a: Arguments) -> tuple[float, ...]:
    if len(a.milestone) != len(a.learning_rates):
        raise Misfit("there must be as many learning_rates as milestones")
    if list(a.milestone) != sorted(a.milestone):
        raise Misfit("milestones must rise")
    if a.milestone and a.milestone[-1] > _MOST:
        raise Misfit(f"more than {_MOST:,} rates")
    rates: list[float] = []
    for end, rate in zip(a.milestone, a.learning_rates, strict=True):
        rates += [rate] * (end - len(rates))
    return tuple(rates)


def _exponential(a: Arguments) -> tuple[float, ...]:
    def rate(epoch: int) -> float:
        passed = epoch // a.decay_epoch if a.is_stair else epoch / a.decay_epoch
        return float(a.learning_rate * a.decay_rate**passed)

    return _by_epoch(a, rate)


def _natural(a: Arguments) -> tuple[float, ...]:
    def rate(epoch: int) -> float:
        passed = epoch // a.decay_epoch * a.decay_epoch if a.is_stair else epoch
        return float(a.learning_rate * exp(-a.decay_rate * passed))

    return _by_epoch(a, rate)


def _inverse(a: Arguments) -> tuple[float, ...]:
    def rate(epoch: int) -> float:
        passed = epoch // a.decay_epoch if a.is_stair else epoch / a.decay_epoch
        return float(a.learning_rate / (1 + a.decay_rate * passed))

    return _by_epoch(a, rate)


def _cosine(a: Arguments) -> tuple[float, ...]:
    def rate(epoch: int) -> float:
        turned = pi * min(epoch, a.decay_epoch) / a.decay_epoch
        return float(a.min_lr + 0.5 * (a.max_lr - a.min_lr) * (1 + cos(turned)))

    return _by_epoch(a, rate)


def _polynomial(a: Arguments) -> tuple[float, ...]:
    def rate(epoch: int) -> float:
        length = a.decay_epoch
        if a.update_decay_epoch:
            length = length * max(ceil(epoch / length), 1)
        share = 1 - min(epoch, length) / length
        end = a.end_learning_rate
        return float((a.learning_rate - end) * share**a.power + end)

    return _by_epoch(a, rate)


def _warm_up(a: Arguments) -> tuple[float, ...]:
    return _by_epoch(a, lambda epoch: float(a.learning_rate * min(epoch / a.warmup_epoch, 1.0)))


_STEPS = (_TOTAL, _EPOCH, _LENGTH)

KINDS = (
    RateListKind(
        name="piecewise_constant_lr",
        signature=signature(
            Argument("milestone", ListOf(Integer(1)), help="where each rate ends"),
            Argument("learning_rates", ListOf(Number(0.0)), help="the rates"),
        ),
        summary="Each rate up to its milestone.",
        example="piecewise_constant_lr([2, 5, 10], [0.1, 0.05, 0.01])",
        rates=_piecewise,
    ),
    RateListKind(
        name="exponential_decay_lr",
        signature=signature(_RATE, _DECAY, *_STEPS, _STAIR),
        summary="learning_rate decay_rate^(epoch / decay_epoch).",
        example="exponential_decay_lr(0.1, 0.9, 6, 2, 1)",
        rates=_exponential,
    ),
    RateListKind(
        name="natural_exp_decay_lr",
        signature=signature(_RATE, _DECAY, *_STEPS, _STAIR),
        summary="learning_rate exp(-decay_rate epoch), stair: of the last multiple of decay_epoch.",
        example="natural_exp_decay_lr(0.1, 0.9, 6, 2, 2, is_stair = true)",
        rates=_natural,
    ),
    RateListKind(
        name="inverse_decay_lr",
        signature=signature(_RATE, _DECAY, *_STEPS, _STAIR),
        summary="learning_rate / (1 + decay_rate epoch / decay_epoch).",
        example="inverse_decay_lr(0.1, 0.5, 6, 1, 1, is_stair = true)",
        rates=_inverse,
    ),
    RateListKind(
        name="cosine_decay_lr",
        signature=signature(
            Argument("min_lr", Number(0.0), help="where it ends"),
            Argument("max_lr", Number(above=0.0), help="where it starts"),
            *_STEPS,
        ),
        summary="min_lr + (max_lr - min_lr) (1 + cos(pi epoch / decay_epoch)) / 2, then min_lr.",
        example="cosine_decay_lr(0.01, 0.1, 6, 2, 2)",
        rates=_cosine,
    ),
    RateListKind(
        name="polynomial_decay_lr",
        signature=signature(
            _RATE,
            Argument("end_learning_rate", Number(0.0), help="where it ends"),
            *_STEPS,
            Argument("power", Number(above=0.0), help="1.0: a straight line"),
            Argument("update_decay_epoch", Boolean(), False, "whether it continues beyond the end"),
        ),
        summary=(
            "(learning_rate - end_learning_rate) (1 - epoch / decay_epoch)^power + "
            "end_learning_rate."
        ),
        example="polynomial_decay_lr(0.1, 0.01, 6, 2, 2, 0.5)",
        rates=_polynomial,
    ),
    RateListKind(
        name="warmup_lr",
        signature=signature(
            _RATE, _TOTAL, _EPOCH, Argument("warmup_epoch", Integer(1), help="how long it rises")
        ),
        summary="learning_rate epoch / warmup_epoch, then learning_rate.",
        example="warmup_lr(0.1, 6, 2, 2)",
        rates=_warm_up,
    ),
)
