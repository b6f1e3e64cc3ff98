"""Schedules: the learning rate as a function of the step."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar

from declspore.ir.term import Arguments
from declspore.registry.kind import Kind


@dataclass(frozen=True, kw_only=True)
class ScheduleKind(Kind):
    """``rate(ops, arguments, step)`` is the rate of a step, the first being 0, a float32 tensor;
    ``ops`` is keras.ops."""

    family: ClassVar[str] = "schedule"
    title: ClassVar[str] = "Schedules"
    room: ClassVar[str] = "schedules"
    rank: ClassVar[int] = 70

    rate: Callable[[Any, Arguments, Any], Any]


@dataclass(frozen=True, kw_only=True)
class RateListKind(Kind):
    """A function that makes a list of learning rates, one for each step: ``rates(arguments)``."""

    family: ClassVar[str] = "rates"
    title: ClassVar[str] = "Lists of learning rates"
    room: ClassVar[str] = "schedules"
    rank: ClassVar[int] = 80

    rates: Callable[[Arguments], tuple[float, ...]]
