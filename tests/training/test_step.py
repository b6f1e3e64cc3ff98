"""The stages of a step: their order, and what policies do in them. Runs on every backend."""

import numpy as np

from declspore.nn import Momentum
from declspore.registry.step import Stage, StepChange, StepScalar, StepSlot
from tests.training.support import (
    BATCHES,
    NETWORK,
    PLAIN,
    assert_same,
    changing,
    engine_of,
    trained,
    trainee_of,
    values,
    weights,
)

HOOKED = (Stage.SCALE, Stage.CHECK, Stage.CHANGE, Stage.CHANGE, Stage.AVERAGE)


def test_stages_come_in_their_order_whatever_the_order_of_policies():
    seen = []

    def noting(stage):
        def note(view):
            seen.append(stage)
            return StepChange()

        return note

    policies = [changing(stage, noting(stage)) for stage in reversed(HOOKED)]
    engine_of(trainee_of(PLAIN), policies, steps=1).train()
    assert seen[: len(HOOKED)] == list(HOOKED)


def test_within_a_stage_the_order_is_that_of_the_list():
    def plus(amount, by):
        return lambda view: StepChange(gradients=[g * by + amount for g in view.gradients])

    two, one = plus(1.0, 1.0), plus(0.0, 2.0)
    found = [
        weights(trained(PLAIN, [changing(Stage.CHANGE, hook) for hook in order], steps=1))
        for order in ((two, one), (one, two), (plus(2.0, 2.0),))
    ]
    assert_same(found[0], found[2])
    assert any((found[0][path] != found[1][path]).any() for path in found[0])


def test_what_a_hook_sees():
    seen = []

    def look(view):
        seen.append((list(view.names), [tuple(v.shape) for v in view.values], view.gradients))
        return StepChange()

    trained(NETWORK, [changing(Stage.CHANGE, look)], steps=1)
    names, shapes, gradients = seen[0]
    assert names == ["one.weight", "one.bias", "norm.gamma", "norm.beta", "two.weight", "two.bias"]
    assert [tuple(gradient.shape) for gradient in gradients] == shapes


def test_clipped_gradients_are_what_the_optimizer_sees():
    half = changing(
        Stage.CHANGE, lambda view: StepChange(gradients=[g * 0.5 for g in view.gradients])
    )
    slow = lambda net: Momentum(net.trainable_params(), 0.05, 0.0)  # noqa: E731
    assert_same(weights(trained(PLAIN, [half])), weights(trained(PLAIN, [], optimizer=slow)))


def _accumulating(number):
    """The mean of the gradients of so many steps, for every so many-th."""

    def collect(view):
        ops = view.ops
        sums = [s + g for s, g in zip(view.slots["sum"], view.gradients, strict=True)]
        count = view.scalars["count"] + 1.0
        full = ops.equal(count, float(number))
        return StepChange(
            gradients=[s / number for s in sums],
            proceed=full,
            scalars={"count": ops.where(full, 0.0, count)},
            slots={"sum": [ops.where(full, 0.0, s) for s in sums]},
        )

    return changing(
        Stage.CHANGE, collect, scalars=(StepScalar("count", 0.0),), slots=(StepSlot("sum"),)
    )


def test_accumulated_gradients_are_those_of_larger_batches():
    halves = [(x[part], y[part]) for x, y in BATCHES for part in (slice(3), slice(3, 6))]
    engine = trained(PLAIN, [_accumulating(2)], halves)
    found, expected = weights(engine), weights(trained(PLAIN, []))
    for path, value in expected.items():
        np.testing.assert_allclose(found[path], value, rtol=1e-5, atol=1e-6)


def test_the_optimizer_counts_updates_and_not_steps():
    trainee = trainee_of(PLAIN)
    engine_of(trainee, [_accumulating(2)], epochs=1).train()
    assert trainee.optimizer.steps_done == 2


def test_averages_follow_the_parameters():
    def follow(view):
        pairs = zip(view.slots["mean"], view.values, strict=True)
        return StepChange(slots={"mean": [m * 0.9 + v * 0.1 for m, v in pairs]})

    def average():
        slots = (StepSlot("mean", copy=True),)
        return changing(Stage.AVERAGE, follow, slots=slots)

    by_step = [weights(trained(PLAIN, [average()], steps=step)) for step in (1, 2)]
    start = values(engine_of(trainee_of(PLAIN)))
    for path in ("two/kernel", "two/bias"):
        name = next(p for p in by_step[0] if p.startswith("mean") and p.endswith(_last(path)))
        mean = start[path]
        for found in by_step:
            mean = mean * np.float32(0.9) + found[path] * np.float32(0.1)
            np.testing.assert_allclose(found[name], mean, rtol=1e-6)


def _last(path):
    return {"kernel": "weight", "bias": "bias"}[path.rpartition("/")[2]]
