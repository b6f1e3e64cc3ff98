import pytest

from declspore.ir.timeline import Interval, Timeline


def test_a_point_of_a_training():
    timeline = Timeline(epochs=3, steps_per_epoch=4, steps=10)
    assert [timeline.point(step) for step in (1, 4, 5, 10)] == [(1, 1), (1, 4), (2, 1), (3, 2)]


def test_a_point_needs_the_length_of_an_epoch():
    with pytest.raises(ValueError, match="length of an epoch"):
        Timeline(epochs=3).point(1)


def test_an_interval_of_steps():
    interval = Interval(3, "step")
    assert [interval.next_step(step) for step in (0, 2, 3, 5)] == [3, 3, 6, 6]
    assert [step for step in range(1, 8) if interval.on_step(step)] == [3, 6]
    assert not interval.on_epoch(3)


def test_an_interval_of_epochs():
    interval = Interval(2, "epoch")
    assert interval.next_step(7) is None
    assert [epoch for epoch in range(1, 6) if interval.on_epoch(epoch)] == [2, 4]
    assert not interval.on_step(2)


@pytest.mark.parametrize(("amount", "unit"), [(0, "step"), (1, "s")])
def test_other_intervals_do_not_exist(amount, unit):
    with pytest.raises(ValueError, match="steps or epochs"):
        Interval(amount, unit)
