"""Runs on every backend."""

import numpy as np

from declspore.registry.policy import policy
from tests.support import problems
from tests.tasks.train.support import with_policies
from tests.training.support import BATCHES, PLAIN, assert_same, trained, weights

BROKEN = [BATCHES[0], (BATCHES[1][0] * np.float32(np.inf), BATCHES[1][1]), *BATCHES[2:]]


def test_gradients_are_those_of_the_loss():
    """A power of two changes no bit."""
    fixed = policy("FixedLossScale", loss_scale=1024.0)
    assert_same(weights(trained(PLAIN, [fixed])), weights(trained(PLAIN, [])))


def test_an_overflow_leaves_a_step_out_or_not():
    sound = weights(trained(PLAIN, [], [BATCHES[0], *BATCHES[2:]]))
    assert_same(weights(trained(PLAIN, [policy("FixedLossScale")], BROKEN)), sound)
    kept = policy("FixedLossScale", drop_overflow_update=False)
    found = weights(trained(PLAIN, [kept], BROKEN))
    assert any(np.isnan(value).any() for value in found.values())


def test_the_scale_is_an_entry_before_the_optimizers_state():
    entries = list(trained(PLAIN, [policy("FixedLossScale")]).parameters)
    assert entries.index("scale_sense") == entries.index("global_step") - 1
    kept = trained(PLAIN, [policy("FixedLossScale", drop_overflow_update=False)])
    assert "scale_sense" not in kept.parameters


def test_a_loss_is_scaled_once():
    assert problems(with_policies("FixedLossScale(), DynamicLossScale()")) == [
        "E306 16 DynamicLossScale: the loss is scaled by FixedLossScale already"
    ]
