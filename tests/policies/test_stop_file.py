from pathlib import Path

from declspore.registry.policy import policy
from tests.policies.support import Rehearsal


class Asking(Rehearsal):
    """Someone makes the file after the sixth step."""

    def _ask(self, hook):
        if self.moment.step >= 6:
            Path("STOP").touch()
        super()._ask(hook)


def test_a_file_ends_the_training_and_is_deleted(here):
    found = Asking(policy("StopFile", path="STOP")).run()
    assert (found.moment.step, found.moment.stop_reason) == (8, "STOP asked for it")
    assert not Path("STOP").exists()
    assert Rehearsal(policy("StopFile", path="STOP")).run().moment.stop_reason is None
