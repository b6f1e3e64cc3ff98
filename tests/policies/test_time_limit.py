from declspore.ir.amount import Amount
from declspore.registry.policy import policy
from tests.policies.support import Rehearsal
from tests.support import problems
from tests.tasks.train.support import with_policies


def _rehearsed(before):
    found = Rehearsal(policy("TimeLimit", limit=Amount(1, "h")))
    found.moment.before = before
    return found.run().moment


def test_it_stops_at_the_first_step_beyond():
    assert _rehearsed(3590.0).stop_reason is None
    moment = _rehearsed(3600.0)
    assert (moment.step, moment.stop_reason) == (4, "it has taken 3600 s")


def test_steps_are_no_time():
    assert problems(with_policies("TimeLimit(2 h)")) == []
    assert problems(with_policies("TimeLimit(100 steps)")) == [
        "E306 16 TimeLimit: expected a time, found 100 steps; `length` counts epochs and steps"
    ]
