"""Runs on every backend."""

import numpy as np

from declspore.registry.policy import policy
from tests.policies.support import followed
from tests.training.support import NETWORK, trained


def test_it_follows_as_mindcv_does():
    engine, expected = followed("EMA", policy("EMA", decay=0.9))
    for name, value in expected.items():
        found = engine.parameters[f"ema.{name}"].asnumpy()
        np.testing.assert_allclose(found, value, rtol=2e-6, atol=1e-6, err_msg=name)
    assert float(engine.parameters["updates"].asnumpy()) == 8.0


def test_every_parameter_has_one_in_the_order_of_the_network():
    """Statistics of a normalization, too, and cells that are never called."""
    engine = trained(NETWORK, [policy("EMA")])
    entries = list(engine.parameters)
    names = [parameter.name for parameter in engine._step.network.get_parameters()]
    assert entries[-len(names) - 1 :] == ["updates", *(f"ema.{name}" for name in names)]


def test_updates_count_and_not_steps():
    engine = trained(NETWORK, [policy("Accumulate", steps=2), policy("EMA")])
    assert float(engine.parameters["updates"].asnumpy()) == 2.0
