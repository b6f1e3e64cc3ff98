"""Runs on every backend."""

import numpy as np

from declspore.registry.policy import policy
from tests.training.support import BATCHES, PLAIN, assert_same, momentum, trained, values, weights


def test_a_step_with_a_gradient_that_is_not_finite_is_left_out():
    broken = [BATCHES[0], (BATCHES[1][0] * np.float32(np.inf), BATCHES[1][1]), *BATCHES[2:]]
    sound = [BATCHES[0], *BATCHES[2:]]
    dynamic = policy("DynamicLossScale", init_loss_scale=8.0, scale_window=3)
    engine = trained(PLAIN, [dynamic], broken, optimizer=momentum)
    assert_same(weights(engine), weights(trained(PLAIN, [], sound, optimizer=momentum)))
    state = values(engine)
    # halved at the second step, doubled three steps after it
    assert state["scale_sense"] == 8.0
    assert state["current_iterator_step"] == 6
    assert state["last_overflow_iterator_step"] == 5


def test_a_scale_does_not_fall_below_one():
    broken = [(x * np.float32(np.nan), y) for x, y in BATCHES]
    engine = trained(PLAIN, [policy("DynamicLossScale", init_loss_scale=4.0)], broken)
    assert values(engine)["scale_sense"] == 1.0
