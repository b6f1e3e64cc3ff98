"""Runs on every backend."""

import numpy as np

from declspore.registry.policy import policy
from tests.policies.support import assert_follows
from tests.training.support import BATCHES, PLAIN, assert_same, momentum, trained, values, weights


def test_it_updates_as_mindspore_does():
    """Eight steps are two updates by three of them, and two steps that are left."""
    assert_follows("Accumulate", policy("Accumulate", steps=3))


def test_updates_count_and_not_steps():
    engine = trained(PLAIN, [policy("Accumulate", steps=2)], optimizer=momentum)
    assert engine.parameters["global_step"].asnumpy().tolist() == [2]
    assert values(engine)["accumulated_steps"] == 1


def test_a_step_that_is_left_out_is_not_collected():
    def policies():
        return [policy("Accumulate", steps=2), policy("DynamicLossScale", init_loss_scale=1.0)]

    broken = [BATCHES[0], (BATCHES[1][0] * np.float32(np.inf), BATCHES[1][1]), *BATCHES[2:]]
    sound = [BATCHES[0], *BATCHES[2:]]
    assert_same(
        weights(trained(PLAIN, policies(), broken)), weights(trained(PLAIN, policies(), sound))
    )
