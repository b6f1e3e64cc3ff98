from declspore.ir.amount import Amount
from declspore.registry.policy import policy
from tests.policies.support import Rehearsal
from tests.training.support import engine_of, trainee_of


class Kept:
    """Remembers after which steps the state was kept."""

    def __init__(self):
        self.steps = []

    def keep(self, state):
        self.steps.append(state.step)


def _kept(amount, unit):
    kept = Kept()
    backup = policy("Backup", every=Amount(amount, unit))
    engine_of(trainee_of(), [backup], keeper=kept).train()
    return kept.steps


def test_the_state_is_kept_at_an_interval():
    assert _kept(3, "step") == [3, 6, 9]
    assert _kept(1, "epoch") == [5, 10]


def test_a_time_counts_from_the_start():
    found = Rehearsal(policy("Backup", every=Amount(3, "s")))
    found.moment.before = 3.5
    assert [verb for _, verb, _ in found.run().done] == ["backup"]
