import math

import pytest

from declspore.registry.policy import Failure, policy
from tests.policies.support import Rehearsal


def test_a_broken_loss_ends_the_training_at_its_own_step():
    """Not at the end of the steps that ran together."""
    rehearsal = Rehearsal(policy("FiniteLoss"), losses={6: math.nan, 7: math.inf})
    with pytest.raises(Failure, match="the loss is nan at step 2 of epoch 2") as caught:
        rehearsal.run()
    assert caught.value.code == "E701"
    assert rehearsal.pauses == [4, 8]


def test_any_finite_loss_will_do():
    Rehearsal(policy("FiniteLoss"), losses={3: 1e38, 5: -1.0}).run()
