from declspore.registry.policy import policy
from tests.policies.support import Rehearsal


def test_it_shows_loss_pace_and_what_is_left(monkeypatch):
    now = iter(range(0, 100, 2))
    monkeypatch.setattr("time.time", lambda: float(next(now)))
    found = Rehearsal(policy("Progress"), losses={4: 0.25}).run().shown.lines
    assert found == [
        (4, 10, "epoch 1/3  loss 0.2500"),
        (8, 10, "epoch 2/3  loss 0.5000  2 steps/s  0:01 left"),
        (10, 10, "epoch 3/3  loss 0.5000  1.5 steps/s  0:00 left"),
    ]
