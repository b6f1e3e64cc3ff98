"""Where a training is, and what was requested."""

import pytest

from declspore.ir.timeline import Timeline
from declspore.training.moment import Moment, SilentTraining, ToRemove, ToSave


def test_files_are_saved_before_others_are_removed():
    moment = Moment(Timeline(1), SilentTraining())
    moment.remove("old")
    moment.save("new")
    assert moment.requests() == [ToSave("new"), ToRemove("old")]
    assert moment.requests() == []


def test_the_first_reason_to_stop_counts():
    moment = Moment(Timeline(1), SilentTraining())
    moment.stop("one")
    moment.stop("two")
    assert moment.stop_reason == "one"
    assert moment.is_over


def test_a_position_within_epochs():
    moment = Moment(Timeline(3, 4, 12), SilentTraining())
    moment.go_to(6, first_epoch=1)
    assert (moment.epoch, moment.step_in_epoch, moment.steps_left) == (2, 2, 6)
    moment.go_to(8, first_epoch=3)
    assert (moment.epoch, moment.step_in_epoch) == (4, 4)
    with pytest.raises(ValueError, match="length of an epoch"):
        Moment(Timeline(3), SilentTraining()).go_to(6, first_epoch=1)


@pytest.mark.parametrize(
    ("length", "made", "complete"), [(4, 4, True), (4, 3, False), (None, 3, True)]
)
def test_whether_an_epoch_is_complete(length, made, complete):
    moment = Moment(Timeline(3, length), SilentTraining())
    moment.enter_epoch(1, 0)
    moment.advance({"loss": [0.5] * made})
    moment.leave_epoch()
    assert moment.epoch_is_complete is complete
