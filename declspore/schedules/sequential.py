"""One schedule after another."""

from __future__ import annotations

from itertools import pairwise

from declspore.ir.tensors import Ops, Tensor
from declspore.ir.term import Arguments, Term
from declspore.registry.kind import Misfit
from declspore.registry.schedule import ScheduleKind
from declspore.registry.signature import Argument, signature
from declspore.registry.table import vocabulary
from declspore.registry.types import Either, ListOf, Number, Steps, TermOf


def _rate(ops: Ops, a: Arguments, step: Tensor) -> Tensor:
    found = _of(ops, a.schedules[0], step)
    for begin, schedule in zip(a.milestones, a.schedules[1:], strict=True):
        later = _of(ops, schedule, ops.maximum(step - float(begin), 0.0))
        found = ops.where(step >= float(begin), later, found)
    return found


def _of(ops: Ops, schedule: Term | float, step: Tensor) -> Tensor:
    if not isinstance(schedule, Term):
        return schedule + 0.0 * step
    kind = vocabulary().of(ScheduleKind, schedule.word)
    return kind.rate(ops, schedule.arguments, step)


def _check(a: Arguments) -> None:
    if len(a.milestones) != len(a.schedules) - 1:
        raise Misfit("there must be one milestone between any two schedules")
    numbers = [each for each in a.milestones if isinstance(each, int)]
    if any(one >= other for one, other in pairwise(numbers)):
        raise Misfit("milestones must rise")


_ONE = Either((TermOf("schedule"), Number(0.0)))

KINDS = (
    ScheduleKind(
        name="SequentialLR",
        signature=signature(
            Argument("schedules", ListOf(_ONE), help="schedules, or rates that stay"),
            Argument("milestones", ListOf(Steps()), help="where each but the first begins"),
        ),
        summary="One schedule after another; each counts its steps from its milestone on.",
        example="SequentialLR([WarmUpLR(0.1, 5 epochs), CosineDecayLR(0.0, 0.1, 15 epochs)], "
        "[5 epochs])",
        rate=_rate,
        check=_check,
    ),
)
