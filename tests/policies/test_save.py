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
    assert [path for path, _ in found.state["files"]] == ["3_1", "3_2"]


@pytest.mark.parametrize("keep", range(1, 13))
def test_so_many_stay(keep):
    """However many were saved before, and not one less."""
    found = Rehearsal(_save(1, "step", keep=keep), steps=10).run()
    assert len(found.state["files"]) == min(keep, 10)
    removed = [what for each in found.by_step.values() for what in each.split(", ")[1:]]
    assert len(removed) == max(10 - keep, 0)


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


class Minutes(Rehearsal):
    """A minute passes between any two moments."""

    def __init__(self, **options):
        save = policy("Save", path="{epoch}_{step}", **options)
        super().__init__(save, steps_per_epoch=1, steps=10)

    def _ask(self, hook):
        self.moment.before += 60.0 if hook == "after_steps" else 0.0
        super()._ask(hook)


def test_every_few_minutes():
    found = Minutes(every=Interval(180, "s")).run()
    assert list(found.by_step) == [3, 6, 9, 10]


def test_one_file_of_a_time_stays():
    """MindSpore's keep_checkpoint_per_n_minutes: the oldest of such a time, and the newest."""
    options = {"every": Interval(1, "step"), "per": Interval(180, "s")}
    found = Minutes(**options).run()
    left = [path for path, _ in found.state["files"]]
    assert left == ["1_1", "3_1", "5_1", "7_1", "9_1", "10_1"]
