"""A training whose rate grows from step to step, to find one for the training itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from math import prod

from declspore.dataclass import dataclass
from declspore.ir.term import Arguments, Term
from declspore.numerics.rate_range import geometric
from declspore.tasks.train.plan import TrainPlan
from declspore.tasks.train.policies import kind_of
from declspore.tasks.train.schedule import Schedule


@dataclass(frozen=True)
class Sweep:
    """``count`` rates from ``low`` to ``high``."""

    low: float
    high: float
    count: int

    def applied(self, plan: TrainPlan) -> TrainPlan:
        """The plan of the short training: it saves nothing."""
        task = plan.task
        updates = prod(kind_of(each.term).updates(each.term.arguments) for each in task.policies)
        rates = geometric(self.low, self.high, self.count)
        small = replace(task, optimizer=swept(task.optimizer, rates), saves=(), logs=())
        schedule = Schedule(plan.schedule.steps_per_epoch, self.count * updates)
        return replace(plan, task=small, schedule=schedule, keeping=None, replaced=())


def swept(optimizer: Term, rates: Sequence[float]) -> Term:
    """The optimizer with these rates; those of groups keep their relation to the first, where both
    are numbers."""
    given = dict(optimizer.arguments)
    if "learning_rate" not in given:  # an optimizer around another one
        inner = {k: swept(v, rates) for k, v in given.items() if isinstance(v, Term)}
        return replace(optimizer, arguments=Arguments({**given, **inner}))
    base = given["learning_rate"]
    given["learning_rate"] = tuple(rates)
    given["groups"] = tuple(_group(group, base, rates) for group in given.get("groups", ()))
    return replace(optimizer, arguments=Arguments(given))


def _group(group: Term, base: object, rates: Sequence[float]) -> Term:
    own = group.arguments.lr
    if own is None:
        return group
    is_known = isinstance(own, float) and isinstance(base, float) and base > 0
    ratio = own / base if is_known else 1.0
    lr = tuple(rate * ratio for rate in rates)
    return replace(group, arguments=Arguments({**group.arguments, "lr": lr}))
