from declspore.registry.policy import policy
from tests.policies.support import Rehearsal


def test_it_shows_the_latest_loss():
    found = Rehearsal(policy("Progress"), losses={4: 0.25}).run().shown.lines
    assert found == [
        (4, 10, "epoch 1/3  loss 0.2500"),
        (8, 10, "epoch 2/3  loss 0.5000"),
        (10, 10, "epoch 3/3  loss 0.5000"),
    ]
