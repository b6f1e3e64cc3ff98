"""Schedules: the learning rate as a function of the step."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from declspore.dataclass import dataclass
from declspore.ir.tensors import Ops, Tensor
from declspore.ir.term import Arguments, Term
from declspore.ir.timeline import Interval
from declspore.registry.kind import Kind


@dataclass(frozen=True, kw_only=True)
class ScheduleKind(Kind):
    """``rate(ops, arguments, step)`` is the rate of a step, the first being 0, a float32 tensor;
    ``ops`` is keras.ops. ``check(arguments)`` raises Misfit where arguments exclude each other."""

    family: ClassVar[str] = "schedule"
    title: ClassVar[str] = "Schedules"
    room: ClassVar[str] = "schedules"
    rank: ClassVar[int] = 70

    rate: Callable[[Ops, Arguments, Tensor], Tensor]
    check: Callable[[Arguments], None] = lambda arguments: None


def counted(value: object, steps_per_epoch: int) -> object:
    """A word or value in which epochs are numbers of steps, at least 1."""
    if isinstance(value, Interval):
        return max(value.steps(steps_per_epoch), 1)
    if isinstance(value, Term):
        arguments = value.arguments.map(lambda leaf: counted(leaf, steps_per_epoch))
        return Term(value.family, value.word, arguments, value.span)
    return value


@dataclass(frozen=True, kw_only=True)
class RateListKind(Kind):
    """A function that makes a list of learning rates, one for each step: ``rates(arguments)``."""

    family: ClassVar[str] = "rates"
    title: ClassVar[str] = "Lists of learning rates"
    room: ClassVar[str] = "schedules"
    rank: ClassVar[int] = 80

    rates: Callable[[Arguments], tuple[float, ...]]
