"""The range test of learning rates: a short training whose rate grows from step to step."""

from __future__ import annotations

from declspore.numerics.rate_range import RateRange, judged
from declspore.plan.headers import rates_of
from declspore.registry.policy import Failure, Policy, policy, policy_of
from declspore.run import errors
from declspore.run.task import Reporter
from declspore.tasks.train.plan import TrainPlan
from declspore.tasks.train.run import prepared
from declspore.tasks.train.sweep import Sweep
from declspore.training.engine import Engine
from declspore.training.feed import Streamed


def find_rate(
    plan: TrainPlan, low: float, high: float, count: int, reporter: Reporter
) -> RateRange:
    """Train with rates that grow, until the loss diverges or the rates are at their end. Of the
    policies those take part that change steps. Raises DiagnosticError."""
    small = Sweep(low, high, count).applied(plan)
    trainee, stream = prepared(small, small.load, reporter)
    stated = [policy_of(each.term) for each in small.task.policies]
    policies = [
        policy("ScaledLoss", loss_scale=trainee.optimizer.loss_scale),
        *(each for each in stated if _is_of_steps(each)),
        policy("RateSweep"),
        policy("Progress"),
    ]
    engine = Engine(trainee, Streamed(stream), small.schedule.timeline, policies, reporter)
    try:
        with stream.explained():
            engine.train()
    except Failure as failure:
        raise errors.training_failed(small.task.span, failure) from None
    found = engine.remembered_by("RateSweep")
    # of groups with rates of their own the first is reported: back to the optimizer's
    every = rates_of(small.task.optimizer, small.task.network)
    first = next(each[0] for each in every if isinstance(each, tuple))
    rates = [rate * low / first for rate in found["rates"]]
    return judged(rates, found["losses"])


def _is_of_steps(each: Policy) -> bool:
    return bool(each.in_step()) or type(each).holds is not Policy.holds
