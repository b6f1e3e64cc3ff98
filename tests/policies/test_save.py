import pytest

from declspore.ir.timeline import Interval, Timeline
from declspore.registry.policy import policy
from tests.policies.support import Rehearsal


def _save(amount, unit, keep=None):
    return policy("Save", path="{epoch}_{step}", every=Interval(amount, unit), keep=keep)


def test_every_few_steps_and_after_the_last():
    found = Rehearsal(_save(3, "step")).run()
    assert found.by_step == {3: "save 1_3", 6: "save 2_2", 9: "save 3_1", 10: "save 3_2"}
    assert set(found.by_step) <= set(found.pauses)


def test_every_epoch_and_after_the_last_step():
    found = Rehearsal(_save(1, "epoch")).run()
    assert found.by_step == {4: "save 1_4", 8: "save 2_4", 10: "save 3_2"}
    assert found.pauses == [4, 8, 10]


def test_the_last_step_is_saved_once():
    assert Rehearsal(_save(2, "epoch"), steps=8).run().by_step == {8: "save 2_4"}
    assert Rehearsal(_save(5, "step")).run().by_step == {5: "save 2_1", 10: "save 3_2"}


def test_the_newest_stay():
    found = Rehearsal(_save(3, "step", keep=2)).run()
    assert found.by_step[9] == "save 3_1, remove 1_3"
    assert found.by_step[10] == "save 3_2, remove 2_2"
    assert found.state["files"] == ["3_1", "3_2"]


def test_one_file_is_written_again_and_again():
    one = policy("Save", path="last", every=Interval(4, "step"), keep=1)
    assert Rehearsal(one).run().by_step == {4: "save last", 8: "save last", 10: "save last"}


@pytest.mark.parametrize(
    ("amount", "unit"), [(3, "step"), (1, "epoch"), (2, "epoch"), (10, "step")]
)
@pytest.mark.parametrize("steps", [7, 8, 10, 12])
def test_it_writes_what_it_said_it_would(amount, unit, steps):
    save = _save(amount, unit)
    told = list(save.writes(Timeline(3, 4, steps)))
    assert told == [path for _, _, path in Rehearsal(save, steps=steps).run().done]
